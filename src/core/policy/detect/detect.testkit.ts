import { type Detector, TextView } from './detector.ts';

/** What detectors find in a text, each as `TYPE:text`. */
export const found = (detectors: readonly Detector[], text: string): readonly string[] =>
  detectors.flatMap((detector) => {
    const hits: string[] = [];
    if (!detector.gate(new TextView(text))) return hits;
    for (let match = detector.find(text, 0); match !== null; match = detector.find(text, match.end)) {
      hits.push(`${detector.type}:${text.slice(match.valueStart, match.end)}`);
    }
    return hits;
  });
