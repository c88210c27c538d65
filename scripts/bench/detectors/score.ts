import { type Detector, formFor, TextView } from '../../../src/core/policy/detect/detector.ts';
import { languageOf, sampleOf } from '../../../src/core/policy/detect/language.ts';
import { eachMatch } from '../../../src/core/policy/text/filter.ts';
import { LANGUAGES } from './languages.ts';
import { ORDINARY, type Sample, SETS } from './samples.ts';

/** How often a detector is right. Both are 1 for one that finds everything and nothing else. */
export interface Score {
  readonly name: string;
  /** Of what it found, the part that it should. */
  readonly precision: number;
  /** Of what it should find, the part that it found. */
  readonly recall: number;
  readonly samples: number;
}

interface Tally {
  right: number;
  wrong: number;
  missed: number;
}

/** What detectors find in a text, each place once. */
function foundIn(detectors: readonly Detector[], text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const view = new TextView(text);
  for (const detector of detectors) {
    const form = formFor(detector, view);
    if (!detector.gate(form)) continue;
    eachMatch(detector, { text: form.text, from: 0, until: text.length + 1 }, ({ valueStart, end }) => {
      found.add(text.slice(valueStart, end));
    });
  }
  return found;
}

function scoreOf(name: string, { right, wrong, missed }: Tally, samples: number): Score {
  return { name, precision: right / Math.max(1, right + wrong), recall: right / Math.max(1, right + missed), samples };
}

function scoreSet(name: string, detectors: readonly Detector[], samples: readonly Sample[]): Score {
  const tally: Tally = { right: 0, wrong: 0, missed: 0 };
  const all: readonly Sample[] = [...samples, ...ORDINARY.map((text): Sample => [text])];
  for (const [text, ...expected] of all) {
    const found = foundIn(detectors, text);
    for (const value of expected) found.has(value) ? tally.right++ : tally.missed++;
    for (const value of found) if (!expected.includes(value)) tally.wrong++;
  }
  return scoreOf(name, tally, all.length);
}

/** A language is found where it is told with the default confidence of language-validator. */
function scoreLanguage(language: string): Score {
  const tally: Tally = { right: 0, wrong: 0, missed: 0 };
  let samples = 0;
  for (const [actual, texts] of Object.entries(LANGUAGES)) {
    for (const text of texts) {
      samples++;
      const guess = languageOf(sampleOf(text));
      const told = guess.confidence >= 0.5 ? guess.language : null;
      if (told === language && actual === language) tally.right++;
      else if (told === language) tally.wrong++;
      else if (actual === language) tally.missed++;
    }
  }
  return scoreOf(`language_${language}`, tally, samples);
}

const TEN = ['en', 'es', 'fr', 'de', 'zh', 'ja', 'ko', 'ar', 'pt', 'ru'];

/** The scores of every detector and language over the texts of this folder. */
export function scores(): readonly Score[] {
  return [...SETS.map(({ name, detectors, samples }) => scoreSet(name, detectors, samples)), ...TEN.map(scoreLanguage)];
}
