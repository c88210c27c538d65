const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Where anybody gets a mailbox: nobody's domain. */
const MAIL =
  list(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com
  mac.com aol.com proton.me protonmail.com pm.me gmx.de gmx.net gmx.com web.de t-online.de freenet.de mail.com mail.ru
  yandex.ru yandex.com qq.com 163.com 126.com sina.com naver.com zoho.com fastmail.com hey.com tutanota.com tuta.io
  orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it comcast.net verizon.net att.net btinternet.com`);

/** Below these, names belong to whoever asked for one first: shared suffixes of clouds and of countries. */
const SUFFIXES = list(`amazonaws.com s3.amazonaws.com cloudfront.net elasticbeanstalk.com execute-api.amazonaws.com
  azurewebsites.net windows.net blob.core.windows.net core.windows.net cloudapp.net cloudapp.azure.com azure.com
  azureedge.net azure-api.net openai.azure.com googleapis.com storage.googleapis.com appspot.com run.app
  cloudfunctions.net web.app firebaseapp.com googleusercontent.com herokuapp.com vercel.app netlify.app pages.dev
  workers.dev fly.dev github.io githubusercontent.com gitlab.io digitaloceanspaces.com ondigitalocean.app
  r2.cloudflarestorage.com backblazeb2.com ngrok.io ngrok-free.app onrender.com
  co.uk org.uk gov.uk ac.uk com.au net.au org.au co.nz co.jp or.jp ne.jp com.br com.mx com.ar co.in co.za com.cn com.sg
  com.tr co.kr com.tw com.hk co.il com.pl com.ua`);

/** True for a domain of a public mail provider. */
export function isPublicMail(host: string): boolean {
  return MAIL.has(host);
}

/** True for a name below which anybody can have a name: one label, or a shared suffix. */
export function isPublicSuffix(host: string): boolean {
  return !host.includes('.') || SUFFIXES.has(host);
}
