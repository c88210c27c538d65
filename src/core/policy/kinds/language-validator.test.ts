import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { SAMPLE_LENGTH } from '../detect/language.ts';
import { channelOf } from '../index.ts';
import { chat, codesOf, compiled, completionOf, documentOf, request, streamThrough } from '../policy.testkit.ts';

const policyOf = (settings: JsonObject) => compiled(documentOf('language-validator', settings));
const ENGLISH = 'How do I change the address of my order, please? I have not received it yet.';
const GERMAN = 'Wie kann ich die Adresse meiner Bestellung ändern? Ich habe sie noch nicht erhalten.';
const REASON = 'language-validator.not_allowed';

const SENTENCES: readonly (readonly [string, string])[] = [
  ['en', ENGLISH],
  ['de', GERMAN],
  ['es', '¿Cómo puedo cambiar la dirección de mi pedido? Todavía no lo he recibido.'],
  ['fr', 'Comment puis-je changer l’adresse de ma commande ? Je ne l’ai pas encore reçue.'],
  ['pt', 'Como posso alterar o endereço da minha encomenda? Ainda não a recebi.'],
  ['ru', 'Как изменить адрес моего заказа? Я его ещё не получил.'],
  ['zh', '我想修改订单的收货地址，我还没有收到货。'],
  ['ja', '注文の住所を変更したいのですが、まだ届いていません。'],
  ['ko', '주문 주소를 변경하고 싶습니다. 아직 받지 못했습니다.'],
  ['ar', 'أريد تغيير عنوان الطلب من فضلك، لم أستلمه بعد.'],
];

describe('language-validator', () => {
  it.each(SENTENCES)('tells %s, on requests, answers and streams', (code, text) => {
    const only = policyOf({ allowed_languages: [code] });
    const without = policyOf({ denied_languages: [code] });
    for (const [policy, verdict] of [
      [only, 'allow'],
      [without, 'block'],
    ] as const) {
      expect(policy.input(request(chat(text))).verdict).toBe(verdict);
      expect(policy.output(request(chat('')), completionOf(text)).verdict).toBe(verdict);
      expect(streamThrough(policy, [...text]).blocked).toBe(verdict === 'block');
    }
    expect(streamThrough(only, [...text]).sent).toBe(text);
  });

  it('lets none of the other languages through an allow-list', () => {
    for (const [code] of SENTENCES) {
      const policy = policyOf({ allowed_languages: [code] });
      const passed = SENTENCES.filter(([, text]) => policy.input(request(chat(text))).verdict === 'allow');
      expect(passed.map(([other]) => other)).toEqual([code]);
    }
  });

  it.each([
    ['it', 'Come posso cambiare l’indirizzo del mio ordine? Non l’ho ancora ricevuto.'],
    ['nl', 'Hoe kan ik het adres van mijn bestelling wijzigen? Ik heb het nog niet ontvangen.'],
    ['uk', 'Як змінити адресу мого замовлення? Я його ще не отримав.'],
    ['el', 'Πώς μπορώ να αλλάξω τη διεύθυνση της παραγγελίας μου;'],
    ['fa', 'چگونه می‌توانم آدرس سفارش خود را تغییر دهم؟ هنوز آن را نگرفته‌ام.'],
  ])('does not take %s for one of the ten', (_, text) => {
    for (const [code] of SENTENCES) {
      expect(policyOf({ allowed_languages: [code] }).input(request(chat(text))).verdict).toBe('block');
      expect(policyOf({ denied_languages: [code] }).input(request(chat(text))).verdict).toBe('allow');
    }
  });

  it.each(['ok', 'Danke schön!', '12 345 678 901 234', 'const x = await fetch(url);', '{"id":1,"total":12.5}', ''])(
    'lets %j pass, which has no language that can be told',
    (text) => {
      expect(policyOf({ allowed_languages: ['ja'] }).input(request(chat(text))).verdict).toBe('allow');
    },
  );

  it('looks at what callers wrote, each text for itself', () => {
    const policy = policyOf({ denied_languages: ['de'] });
    const turns = (role: string) => ({
      messages: [
        { role, content: GERMAN },
        { role: 'user', content: ENGLISH },
      ],
    });
    for (const role of ['user', 'User', 'Human', 'System'])
      expect(policy.input(request(turns(role)))).toMatchObject({ verdict: 'block', reasonCode: REASON });
    for (const role of ['system', 'developer', 'assistant', 'tool', 'function'])
      expect(policy.input(request(turns(role))).verdict).toBe('allow');
  });

  it('looks at the text of a response that stands beside its items', () => {
    const policy = policyOf({ denied_languages: ['de'] });
    expect(policy.output(request(chat('')), { output: [], output_text: GERMAN }).verdict).toBe('block');
  });

  it('samples a long text to its end, with work that does not grow', () => {
    const policy = policyOf({ allowed_languages: ['en'] });
    expect(policy.input(request(chat(ENGLISH.repeat(20) + GERMAN.repeat(20_000)))).verdict).toBe('block');
  });

  it('looks at a bounded part of a request, the newest texts first', () => {
    const policy = policyOf({ denied_languages: ['de'] });
    const turns = (...texts: readonly string[]) => ({ messages: texts.map((content) => ({ role: 'user', content })) });
    const many = Array.from({ length: 20 }, () => ENGLISH.repeat(100));
    expect(policy.input(request(turns(...many, GERMAN))).verdict).toBe('block');
    expect(policy.input(request(turns(GERMAN, ...many))).verdict).toBe('allow');
    expect(policy.input(request(turns(GERMAN, ...many.slice(0, 10)))).verdict).toBe('block');
  });

  it('needs the confidence that is asked for', () => {
    const mixed = `${ENGLISH} ${GERMAN}`;
    expect(policyOf({ allowed_languages: ['fr'], min_confidence: 0.9 }).input(request(chat(mixed))).verdict).toBe(
      'allow',
    );
    expect(policyOf({ allowed_languages: ['fr'], min_confidence: 0.1 }).input(request(chat(mixed))).verdict).toBe(
      'block',
    );
  });

  it('warns on demand, and holds no stream for that', () => {
    const policy = policyOf({ allowed_languages: ['en'], action: 'warn' });
    expect(policy.input(request(chat(GERMAN)))).toMatchObject({
      verdict: 'allow',
      steps: [{ verdict: 'warn', reasonCode: REASON }],
    });
    expect(policy.output(request(chat('')), completionOf(GERMAN)).warnings).toHaveLength(1);
    expect(policy.holdBack).toBe(0);
    const scanner = policy.stream(request(chat('')));
    expect(scanner?.push(channelOf(0, 'content'), 'Wie kann').emit).toBe('Wie kann');
    const { sent, outcome } = streamThrough(policy, [...GERMAN]);
    expect(sent).toBe(GERMAN);
    expect(outcome).toMatchObject({ verdict: 'allow', steps: [{ verdict: 'warn', reasonCode: REASON }] });
    expect(outcome?.warnings).toHaveLength(1);
    expect(streamThrough(policy, [...ENGLISH]).outcome?.warnings).toEqual([]);
  });

  it.each([
    ['input', 'block', 'allow'],
    ['output', 'allow', 'block'],
    ['both', 'block', 'block'],
  ])('applies to %s', (where, asked, answered) => {
    const policy = policyOf({ denied_languages: ['de'], apply_to: where });
    expect(policy.input(request(chat(GERMAN))).verdict).toBe(asked);
    expect(policy.output(request(chat('')), completionOf(GERMAN)).verdict).toBe(answered);
    expect(policy.scansOutput).toBe(answered === 'block');
    expect(policy.stream(request(chat(''))) !== null).toBe(answered === 'block');
  });

  it('holds the beginning of an answer, sends nothing of it when it blocks, and nothing else', () => {
    const policy = policyOf({ allowed_languages: ['en'] });
    expect(policy.holdBack).toBe(SAMPLE_LENGTH);
    const long = GERMAN.repeat(10);
    expect(streamThrough(policy, [...long])).toMatchObject({
      sent: '',
      blocked: true,
      outcome: { reasonCode: REASON },
    });
    const scanner = policy.stream(request(chat('')));
    const text = ENGLISH.repeat(10);
    expect(scanner?.push('0/content', text.slice(0, SAMPLE_LENGTH - 1)).emit).toBe('');
    expect(scanner?.push('0/content', text.slice(SAMPLE_LENGTH - 1)).emit).toBe(text);
    expect(scanner?.push('0/content', GERMAN).emit).toBe(GERMAN);
    expect(scanner?.push('0/reasoning', GERMAN).emit).toBe(GERMAN);
    expect(scanner?.channels()).toEqual([]);
    // The whole answer is judged by the same beginning.
    expect(policy.output(request(chat('')), completionOf(text + GERMAN.repeat(50))).verdict).toBe('allow');
  });

  it('passes everything without a list', () => {
    expect(policyOf({}).input(request(chat(GERMAN))).verdict).toBe('allow');
    expect(policyOf({ allowed_languages: [] }).input(request(chat(GERMAN))).verdict).toBe('allow');
  });

  it('refuses both lists, and languages beyond the ten', () => {
    expect(codesOf(documentOf('language-validator', { allowed_languages: ['en'], denied_languages: ['de'] }))).toEqual([
      'POLICY_SETTINGS_CONFLICT',
    ]);
    expect(codesOf(documentOf('language-validator', { allowed_languages: ['it'] }))).toEqual(['POLICY_SHAPE']);
  });
});
