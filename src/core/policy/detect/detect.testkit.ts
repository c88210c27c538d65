import { type Detector, formFor, TextView } from './detector.ts';

/** What detectors find in a text, each as `TYPE:text`. */
export const found = (detectors: readonly Detector[], text: string): readonly string[] =>
  detectors.flatMap((detector) => {
    const hits: string[] = [];
    const form = formFor(detector, new TextView(text));
    if (!detector.gate(form)) return hits;
    for (let match = detector.find(form.text, 0); match !== null; match = detector.find(form.text, match.end)) {
      hits.push(`${detector.type}:${text.slice(match.valueStart, match.end)}`);
    }
    return hits;
  });
