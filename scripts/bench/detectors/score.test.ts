import { expect, it } from 'vitest';
import { scores } from './score.ts';

// What holds today; a change that makes a detector worse must say so here.
const FLOORS: Readonly<Record<string, readonly [precision: number, recall: number]>> = {
  card: [1, 1],
  iban: [1, 1],
  national_id: [1, 1],
  email: [1, 1],
  phone: [1, 1],
  ip: [1, 1],
  ssn: [1, 1],
  secret: [1, 1],
  marking: [1, 1],
  language_en: [1, 1],
  language_es: [1, 0.87],
  language_fr: [1, 1],
  language_de: [1, 1],
  language_zh: [1, 1],
  language_ja: [1, 1],
  language_ko: [1, 1],
  language_ar: [1, 1],
  language_pt: [1, 1],
  language_ru: [1, 1],
};

it('every detector finds at least what it did, and no more wrongly', () => {
  const measured = scores();
  expect(measured.map(({ name }) => name).sort()).toEqual(Object.keys(FLOORS).sort());
  for (const { name, precision, recall, samples } of measured) {
    const [leastPrecision = 1, leastRecall = 1] = FLOORS[name] ?? [];
    expect(samples, name).toBeGreaterThanOrEqual(15);
    expect(precision, `precision of ${name}`).toBeGreaterThanOrEqual(leastPrecision);
    expect(recall, `recall of ${name}`).toBeGreaterThanOrEqual(leastRecall);
  }
});
