import { type AST, RegExpParser } from '@eslint-community/regexpp';

// Where a match may begin that the end of a text so far has not decided. An engine decides at a place by what it reads; what it
// read can only change when it read up to the end. So the pattern is turned into one that matches wherever some way through
// it comes to the end of the text.

const parser = new RegExpParser();

/** What cannot stand at the end of a text: it takes nothing, and looks at what is there already. */
const NEVER = null;
const END = '$';
const NOWHERE = '(?!)';

/**
 * The pattern that matches, from some place to the end of a text, exactly where `pattern` cannot know without more text whether
 * it matches there, or how far. Flags are kept; captures mean nothing.
 * @throws RangeError for what our own patterns have no need of: back references, and lines
 */
export function livePattern(pattern: RegExp): RegExp {
  if (pattern.multiline) throw new RangeError(`expected a pattern of whole texts, found the flag m at ${pattern}`);
  const { alternatives } = parser.parsePattern(pattern.source, 0, pattern.source.length, { unicode: pattern.unicode });
  return new RegExp(withinAny(alternatives) ?? NOWHERE, pattern.flags);
}

const either = (ways: readonly (string | null)[]): string | null => {
  const open = ways.filter((way): way is string => way !== NEVER);
  const [first] = open;
  if (first === undefined) return NEVER;
  return open.length === 1 ? first : `(?:${open.join('|')})`;
};

function withinAny(alternatives: readonly AST.Alternative[]): string | null {
  return either(alternatives.map(({ elements }) => withinAll(elements)));
}

/** The end of the text within one of the elements, behind those before it. */
function withinAll(elements: readonly AST.Element[]): string | null {
  return elements.reduceRight<string | null>((rest, element) => {
    const behind = rest === NEVER ? NEVER : `${element.raw}${rest}`;
    return either([within(element), behind]);
  }, NEVER);
}

/** The end of the text before the element has read all that it reads. */
function within(element: AST.Element): string | null {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return END;
    case 'Group':
    case 'CapturingGroup':
      return withinAny(element.alternatives);
    case 'Quantifier':
      return repeated(element);
    case 'Assertion':
      return asserted(element);
    default:
      throw new RangeError(`expected nothing that refers to what was matched, found ${element.raw}`);
  }
}

/** In one of the repetitions, after some whole ones. */
function repeated({ element, max }: AST.Quantifier): string | null {
  const last = within(element);
  if (last === NEVER || max === 0) return NEVER;
  return `${element.raw}${max === Number.POSITIVE_INFINITY ? '*' : `{0,${max - 1}}`}${last}`;
}

function asserted(assertion: AST.Assertion): string | null {
  if (assertion.kind === 'lookbehind') return NEVER;
  // What the next character would decide: a border of a word. What is looked ahead at is read like the rest.
  return assertion.kind === 'lookahead' ? withinAny(assertion.alternatives) : END;
}
