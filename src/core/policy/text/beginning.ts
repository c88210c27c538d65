import type { AnswerFilter, FilterStream } from './filter.ts';

interface BeginningRules {
  readonly passes: (beginning: string) => boolean;
  readonly action: 'block' | 'warn';
  /** UTF-16 code units of the beginning. */
  readonly length: number;
}

/** Judges an answer by its beginning, or by all of it when it is shorter; a block holds it until then. */
export function judgeBeginning(rules: BeginningRules): AnswerFilter {
  const { action, length } = rules;
  return {
    action,
    holdBack: action === 'block' ? length : 0,
    changeCode: null,
    elsewhere: null,
    open: () => beginningStream(rules),
  };
}

function beginningStream({ passes, action, length }: BeginningRules): FilterStream {
  let beginning = '';
  let state: 'open' | 'passed' | 'failed' = 'open';
  const judge = (): void => {
    state = passes(beginning.slice(0, length)) ? 'passed' : 'failed';
  };
  /** What may go out of `arrived`, and of what was held before it. */
  const release = (arrived: string): string | null => {
    if (action === 'warn') return arrived;
    if (state === 'failed') return null;
    const out = state === 'open' ? '' : beginning + arrived;
    if (state === 'passed') beginning = '';
    return out;
  };
  return {
    push: (text) => {
      if (state !== 'open') return release(text);
      beginning += text;
      if (beginning.length >= length) judge();
      return release(action === 'warn' ? text : '');
    },
    end: () => {
      if (state === 'open' && beginning !== '') judge();
      return release('');
    },
    matches: () => (state === 'failed' ? 1 : 0),
    holdsText: () => state === 'open' && beginning !== '',
  };
}
