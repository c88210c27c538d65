// The commonest short words of languages, and endings and letters that few of them share: what tells one from another in a few
// sentences. Lists are our own, from any grammar; the ten languages that policies name, and their neighbours, so that a
// neighbour is not taken for one of the ten.

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export interface LanguageFacts {
  readonly words: readonly string[];
  /** Ends of words of five letters and more. */
  readonly endings: readonly string[];
  readonly letters: string;
}

const facts = (words: string, endings = '', letters = ''): LanguageFacts => ({
  words: list(words),
  endings: endings === '' ? [] : list(endings),
  letters,
});

/** Languages in Latin letters, by ISO 639-1. */
export const LATIN: Readonly<Record<string, LanguageFacts>> = {
  en: facts(
    `the of and to in is you that it he was for on are as with his they at be this have from or one had by but not what all
    were we when your can said there use an each which she do how their if will up other about out many then them these so some
    her would make like him into time has look two more write go see number no way could people my than first been call who its
    now find long down day did get come made may part our please any does should where why just also after before because i am me`,
    'ing ight ould tion ness able ally ther',
  ),
  es: facts(
    `de la que el en y a los del se las por un para con no una su al lo como más pero sus le ya o este sí porque esta entre
    cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos
    e esto mí antes algunos qué unos yo otro otras otra él tanto esa estos mucho quienes nada muchos cual poco ella estar estas
    es son está están fue ser tiene tengo usted puede puedo hacer gracias cómo dónde cuándo mi tu buenos días hola favor año
    años ahora hoy así bien aquí dos quiero queremos va soy somos nuestro nuestra todavía aún mis tus quisiera`,
    'ción mente ando iendo ados idad amos aron ieron',
    'ñ',
  ),
  fr: facts(
    `de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la avec ou aux son mais comme
    nous vous être cette ont deux même ses leur fait été tout on ces je si bien sans elle peut peu très où lui dont avant encore
    ils après moins donc entre aussi autre leurs mon ma mes votre vos notre nos c d l j n s qu ça quand était avoir suis êtes
    merci bonjour comment pourquoi quel quelle quoi faire veux peux sera depuis chez toujours jamais rien`,
    'tion ment eaux aux eur euse ées ique ait aient',
    'œêèùëçâ',
  ),
  de: facts(
    `der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach
    wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei
    kann ich wir ihr mich mir uns ihre seine doch schon wenn was wer wo warum diese dieser dieses bitte danke können müssen
    möchte habe bin gibt keine kein sehr hier jetzt unter gegen zwischen ohne weil`,
    'ung ungen keit heit lich isch schen chen eren',
    'ßäü',
  ),
  pt: facts(
    `de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando
    muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem nas me esse eles estão
    você tinha foram essa num nem suas meu às minha têm numa pelos elas havia seja qual será nós lhe deles essas esses pelas este
    fosse dele obrigado obrigada olá bom dia fazer posso pode onde porque então são sobre fim
    ano anos ainda agora hoje assim outro tudo nada bem aqui dois duas quero queremos podem vai sou somos nosso nossa minhas meus`,
    'ção ções mente ando endo inho agem dade ões aram eram iram',
    'ãõêâôç',
  ),
  it: facts(
    `di e il la che in un a è per una sono con non i le si da come del ma lo alla della nel più dei anche o al gli se ha questo
    delle dal mi ci sua suo essere loro quando cosa io ho tutto perché dopo molto dove fatto era stato anni due questa chi nella
    grazie ciao buongiorno ogni prima solo degli alle così ed sul tra fra può fare`,
    'zione mente ando endo ità are ere ato',
    'ì',
  ),
  nl: facts(
    `de en van het een in is dat op te zijn met voor niet aan er om ook als dan maar bij nog uit naar door over ze hij heeft hebben
    ik je we wij u worden wordt werd was deze die dit kan zo geen veel wel meer moet of tot onder waar wat wie hoe mijn jouw uw
    alstublieft dank goed kunnen willen`,
    'ijk ijke heid eren elijk',
  ),
  sv: facts(
    `och i att det som en på är av för med den till inte om ett han men var jag de sig hon från vi så kan när år under också efter
    eller nu sin där vid mot ska skulle kommer vad hur mycket alla här tack`,
    'ning arna erna igt',
    'å',
  ),
  da: facts(
    `og i at det er en til på som med for af den ikke de der et har jeg var vi men han sig fra om så kan hun efter eller ved nu blev
    være hvad hvor meget mange også skal vil mig dig tak`,
    'erne ende elig',
    'æø',
  ),
  pl: facts(
    `i w na z do się nie to że jest o jak a ale po od za co tak dla przez czy są być jego już tylko ze przy może który która które
    ich także oraz był była było można gdy pod ten ta te mi ja my wy`,
    'ania ego owych ość',
    'łąęśźżń',
  ),
  cs: facts(
    `a v se na je že to s z do o i ve jako pro za by ale si po jsem tak jsou které který která jeho má od byl jsme nebo už také jen
    ještě když co až při mezi může být bylo podle`,
    'ého ení ost',
    'ěřůčžš',
  ),
  ro: facts(
    `de și în a la cu pe o un nu este că din se mai pentru care sunt au fost ca sau dar al ale acest această după fi prin până între
    foarte când unde dacă să ce ei el ea lui lor`,
    'ului ilor ție ează',
    'șțăîâ',
  ),
  tr: facts(
    `ve bir bu da de için ile ne olarak daha çok gibi o kadar sonra en olan var ben sen biz siz değil ama her şey mi mu yok nasıl
    nerede şu ancak veya ya`,
    'lar ler dır dir ların lerin yor',
    'ğışı',
  ),
  id: facts(
    `yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih kata tahun sudah
    atau saat oleh menjadi orang adalah kami kita anda apa seperti telah`,
    'kan nya',
  ),
  vi: facts(
    `và của là có các trong được cho không một người với những để này khi từ đã ở như cũng về ra đến vào phải còn nhiều theo tôi bạn
    anh chúng`,
    '',
    'đơưạảấầẩậắằặẹẻẽếềểễệỉịọỏốồổỗộớờởợụủứừửữựỳỵỷỹ',
  ),
};

/** Languages in Cyrillic letters. */
export const CYRILLIC: Readonly<Record<string, LanguageFacts>> = {
  ru: facts(
    `и в не на я что с он как это по но они мы она к из у его за от так для же все вы бы её ее если или когда уже ещё был была было
    были быть только мне меня есть нет чтобы где кто при до может очень можно нужно этот эта эти под без через после нас вас почему
    спасибо здравствуйте пожалуйста`,
    'ться ого его ение ость ами',
    'ыэъё',
  ),
  uk: facts(
    `і в не на я що з він як це по але вони ми вона до із у його за від так для та ж все ви якщо або коли вже ще був була було бути
    тільки мені мене є немає щоб де хто при може дуже можна потрібно цей під без через після чому дякую будь`,
    'ться ння ість ого',
    'іїєґ',
  ),
  bg: facts(
    `и в не на аз че с той как това по но те ние тя към от му за така ще да се са си е съм бъде или когато вече беше само мен има няма
    къде кой при до може много този тази тези под без през след защо благодаря`,
    'ите ата ние ане ето',
    'ъ',
  ),
  sr: facts(
    `и у не на ја што са он како то по али они ми она ка из његов за од тако се је су да би бити или када већ још био била само мене
    има нема где ко при може веома овај под без кроз после зашто хвала`,
    'ање ости ског',
    'јљњћђџ',
  ),
};
