import { describe, expect, it } from 'vitest';
import { type JsonObject, valueAt } from '../../model/index.ts';
import { KEYWORDS } from '../detect/keywords.ts';
import { channelOf } from '../index.ts';
import { chat, codesOf, compiled, documentOf, request, streamThrough } from '../policy.testkit.ts';

const input = (kind: string, settings: JsonObject, text: string) =>
  compiled(documentOf(kind, settings)).input(request(chat(text)));
const answer = (text: string) => ({ choices: [{ index: 0, message: { role: 'assistant', content: text } }] });

describe('entity-list-filter', () => {
  const settings = { blocked_entities: ['Nordwind Trading', 'Kowalczyk'] };

  it('blocks requests, answers and streams that name an entity, and says no name', () => {
    const policy = compiled(documentOf('entity-list-filter', settings));
    const asked = policy.input(request(chat('Is NORDWIND trading open?')));
    expect(asked).toMatchObject({ verdict: 'block', reasonCode: 'entity_list.detected' });
    expect(asked.blockedBy?.message).not.toMatch(/nordwind/i);
    expect(policy.output(request(chat('hi')), answer('Ask Kowalczyks')).verdict).toBe('block');
    const scanner = policy.stream(request(chat('hi')));
    const sent = scanner?.push(channelOf(0, 'content'), 'Ask Kowal').emit ?? '';
    expect('Ask '.startsWith(sent)).toBe(true);
    expect(scanner?.push(channelOf(0, 'content'), 'czyk.').emit).toBe('');
    expect(scanner?.end(channelOf(0, 'content'))).toMatchObject({
      emit: '',
      blocked: { policy: 'entity-list-filter' },
    });
  });

  it('lets everything else pass, and blocks nothing without a list', () => {
    expect(input('entity-list-filter', settings, 'Nordwind').verdict).toBe('allow');
    expect(input('entity-list-filter', {}, 'Kowalczyk').verdict).toBe('allow');
  });
});

describe('safety-filter', () => {
  it.each(Object.entries(KEYWORDS))('blocks each keyword of %s, and those of no other list', (mode, words) => {
    const policy = compiled(documentOf('safety-filter', { mode }));
    for (const word of words) {
      const outcome = policy.input(request(chat(`Tell me: ${word.toUpperCase()}!`)));
      expect(outcome).toMatchObject({ verdict: 'block', reasonCode: 'safety.detected' });
    }
    const others = Object.entries(KEYWORDS).flatMap(([other, list]) => (other === mode ? [] : list));
    const isOwn = (text: string): boolean => words.some((word) => text.includes(word));
    for (const text of others.filter((other) => !isOwn(other)))
      expect(policy.input(request(chat(text))).verdict).toBe('allow');
  });

  it('has the list of critical infrastructure by default, and the own list in its place', () => {
    expect(input('safety-filter', {}, 'how to poison the water supply').verdict).toBe('block');
    expect(input('safety-filter', { block_if: ['larkspur'] }, 'how to poison the water supply').verdict).toBe('allow');
    expect(input('safety-filter', { block_if: ['larkspur'] }, 'Larkspur').verdict).toBe('block');
    const plain = { block_if: ['larkspur'], fuzzy_matching: false, action: 'block' };
    expect(input('safety-filter', plain, 'lakrspur').verdict).toBe('allow');
  });

  it('looks at requests alone', () => {
    const policy = compiled(documentOf('safety-filter', { block_if: ['larkspur'] }));
    expect(policy.output(request(chat('hi')), answer('larkspur')).verdict).toBe('allow');
    expect(policy.scansOutput).toBe(false);
  });
});

describe.each([
  ['dlp-filter', 'blocked_terms', 'redact', true],
  ['entity-list-filter', 'blocked_entities', 'block', true],
  ['safety-filter', 'block_if', 'block', false],
] as const)('near matches of %s', (kind, key, verdict, scansAnswers) => {
  it.each([
    [{}, 'Kowalczik', false],
    [{ fuzzy_matching: false }, 'Kowalczik', false],
    [{ fuzzy_matching: true }, 'Kowalczik', true],
    [{ fuzzy_matching: true }, 'Kowalzcyk', false],
    [{ fuzzy_matching: true, max_distance: 2 }, 'Kowalzcyk', true],
    [{ fuzzy_matching: true, max_distance: 0 }, 'Kowalczik', false],
    [{ fuzzy_matching: true, max_distance: 0 }, 'xKowalczykx', true],
    [{ fuzzy_matching: true }, 'xKowalczykx', true],
  ])('with %j in %j: %s', (more, text, found) => {
    const policy = compiled(documentOf(kind, { [key]: ['Kowalczyk', 'Nordwind Trading'], ...more }));
    expect(policy.input(request(chat(text))).verdict).toBe(found ? verdict : 'allow');
    expect(policy.output(request(chat('hi')), answer(text)).verdict).toBe(found && scansAnswers ? verdict : 'allow');
    const { sent, blocked } = streamThrough(policy, [...`to ${text} now`]);
    expect(blocked || !sent.includes(text)).toBe(found && scansAnswers);
  });

  it('is found over the whole list, however long it is', () => {
    const many = Array.from({ length: 499 }, (_, at) => `Firma ${at}x${at * 7919} Handels`);
    const policy = compiled(documentOf(kind, { [key]: [...many, 'Kowalczyk'], fuzzy_matching: true }));
    expect(policy.input(request(chat('to Kowalczik'))).verdict).toBe(verdict);
    expect(policy.input(request(chat('to KOWALCZYK'))).verdict).toBe(verdict);
    expect(policy.input(request(chat('to Firma 7'))).verdict).toBe('allow');
  });

  it('tells of a distance that does nothing, and of a list that is too large', () => {
    expect(codesOf(documentOf(kind, { [key]: ['abc'], max_distance: 1 }))).toEqual(['POLICY_FIELD_WITHOUT_EFFECT']);
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const words = Array.from({ length: 170 }, (_, at) =>
      Array.from({ length: 6 }, (__, word) =>
        `${letters.slice(at % 13, (at % 13) + 26 - word)}${at}y${word}`.slice(-26),
      ).join(' '),
    );
    expect(codesOf(documentOf(kind, { [key]: words, fuzzy_matching: true }))).toEqual([]);
    expect(
      codesOf(
        documentOf(kind, {
          [key]: [...words, ...words, ...words.slice(0, 160)],
          fuzzy_matching: true,
          max_distance: 2,
        }),
      ),
    ).toEqual(['POLICY_TERMS_TOO_MANY']);
  });
});

describe('hipaa-phi-detector', () => {
  const text = 'Patient: Ana Long, born 3/14/1980, MRN: 00123456, ana@acme.example';
  const clean = 'Patient: [PATIENT_NAME], born [DATE], MRN: [MRN], [EMAIL]';

  it('redacts requests, answers and streams by default', () => {
    const policy = compiled(documentOf('hipaa-phi-detector', { mode: 'hipaa_18' }));
    const asked = policy.input(request(chat(text)));
    expect(asked).toMatchObject({ verdict: 'redact', reasonCode: 'hipaa_phi.detected' });
    expect(valueAt(asked.body, '/messages/0/content')).toBe(clean);
    const answered = policy.output(request(chat('hi')), answer(text));
    expect(valueAt(answered.body, '/choices/0/message/content')).toBe(clean);
    const scanner = policy.stream(request(chat('hi')));
    const channel = channelOf(0, 'content');
    const pieces = [...text].map((letter) => scanner?.push(channel, letter).emit ?? '');
    expect(pieces.join('') + (scanner?.end(channel).emit ?? '')).toBe(clean);
  });

  it('blocks on demand, without repeating anything', () => {
    const outcome = input('hipaa-phi-detector', { action: 'block' }, text);
    expect(outcome.verdict).toBe('block');
    expect(outcome.blockedBy?.message).not.toContain('Ana');
    expect(input('hipaa-phi-detector', {}, 'the patient is stable').verdict).toBe('allow');
  });
});
