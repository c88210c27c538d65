// `detectors`: reading every sample text with every detector, over parsing the same texts as JSON; its counters are precision and
// recall over the sets in detectors/.

import { filterText } from '../../src/core/policy/text/filter.ts';
import type { Bench, Counters, Prepared } from './bench.ts';
import { LANGUAGES } from './detectors/languages.ts';
import { ORDINARY, SETS } from './detectors/samples.ts';
import { scores } from './detectors/score.ts';

const ROUNDS = 40;

const timed = (work: () => void): number => {
  const started = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) work();
  return performance.now() - started;
};

const counters = (): Counters =>
  Object.fromEntries(
    scores().flatMap(({ name, precision, recall, samples }) => [
      [`${name}.precision`, precision],
      [`${name}.recall`, recall],
      [`${name}.samples`, samples],
    ]),
  );

const prepare = async (): Promise<Prepared> => {
  const texts = [
    ...SETS.flatMap(({ samples }) => samples.map(([text]) => text)),
    ...ORDINARY,
    ...Object.values(LANGUAGES).flat(),
  ];
  const written = texts.map((text) => JSON.stringify(text));
  const filter = {
    detectors: SETS.flatMap(({ detectors }) => detectors),
    action: 'redact',
    render: (type: string) => `[${type}]`,
  } as const;
  return {
    numerator: async () =>
      timed(() => {
        for (const text of texts) filterText(filter, text);
      }),
    denominator: async () =>
      timed(() => {
        for (const text of written) JSON.parse(text);
      }),
    counters,
    close: async () => {},
  };
};

export const detectors: Bench = {
  name: 'detectors',
  title: 'all detectors over their sample texts, over parsing these as JSON; precision and recall of each',
  unit: 'ms',
  orgs: 1,
  warmUps: 3,
  prepare,
};
