// A strict reader of what a scraper reads: the text format of Prometheus 0.0.4, and OpenMetrics 1.0.0. It refuses what either
// of them refuses.

export interface ReadFamily {
  readonly type: string;
  readonly samples: { readonly name: string; readonly labels: ReadonlyMap<string, string>; readonly value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const SUFFIXES: { readonly [type: string]: readonly string[] } = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count', ''],
};

/** Families by name; of a counter the name without `_total`. Throws with the line that is wrong. */
export function readExposition(text: string, form: 'text' | 'openmetrics'): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed');
  const lines = text.slice(0, -1).split('\n');
  if (form === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF');
  const families = new Map<string, ReadFamily>();
  const seen = new Set<string>();
  let current = '';
  for (const line of lines) {
    const [, word, written = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === undefined) {
      const family = families.get(current);
      if (family === undefined) throw new Error(`a sample before its type: ${line}`);
      const sample = readSample(line);
      const key = `${sample.name}${JSON.stringify([...sample.labels].sort())}`;
      if (seen.has(key)) throw new Error(`a sample twice: ${line}`);
      seen.add(key);
      const suffixes = SUFFIXES[family.type] ?? [];
      if (!suffixes.some((suffix) => sample.name === `${current}${suffix}`))
        throw new Error(`not of ${current}: ${line}`);
      family.samples.push(sample);
      continue;
    }
    const isCounter = word === 'TYPE' && rest === 'counter' && form === 'text';
    const name = isCounter || (word === 'HELP' && form === 'text') ? written.replace(/_total$/, '') : written;
    if (word === 'HELP') continue;
    if (!Object.hasOwn(SUFFIXES, rest)) throw new Error(`no type: ${line}`);
    if (NAME.exec(name)?.[0] !== name || families.has(name)) throw new Error(`a family twice, or no name: ${line}`);
    if (form === 'openmetrics' && rest === 'counter' && name.endsWith('_total'))
      throw new Error(`_total in a name: ${line}`);
    families.set(name, { type: rest, samples: [] });
    current = name;
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function readSample(line: string): ReadFamily['samples'][number] {
  const [name = ''] = NAME.exec(line) ?? [];
  let rest = line.slice(name.length);
  const labels = new Map<string, string>();
  if (rest.startsWith('{')) {
    const [whole, inner = ''] = /^\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\}/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`labels cannot be read: ${line}`);
    for (const [, label = '', value = ''] of inner.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)) {
      if (labels.has(label)) throw new Error(`a label twice: ${line}`);
      labels.set(label, value);
    }
    rest = rest.slice(whole.length);
  }
  const [, number] = /^ (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|\+Inf|-Inf|NaN)$/.exec(rest) ?? [];
  if (name === '' || number === undefined) throw new Error(`no sample: ${line}`);
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}

function checkHistogram(name: string, { samples }: ReadFamily): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.get('le')?.replace('+Inf', 'Infinity')));
  const counts = buckets.map(({ value }) => value);
  const isRising = (list: readonly number[], least: number): boolean =>
    list.every((value, index) => index === 0 || value - (list[index - 1] ?? 0) >= least);
  if (!isRising(bounds, Number.MIN_VALUE) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
    throw new Error(`bounds of ${name}`);
  if (!isRising(counts, 0)) throw new Error(`counts of ${name}`);
  const total = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (total !== counts.at(-1)) throw new Error(`the count of ${name} is not its last bucket`);
}
