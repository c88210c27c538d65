import { acrossOrgs } from '../buckets.ts';
import type { FleetRule, RuleFact } from '../rule.ts';

export const i46NameCollision: FleetRule = {
  code: 'ISO_I46_NAME_COLLISION',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Organization').flatMap((object): readonly RuleFact[] => {
      const slug = skeleton(org.org);
      const { displayName } = object.document.spec;
      const shown = skeleton(displayName);
      return [
        org.factAt({ object, pointer: '/metadata/name' }, slug, org.org),
        ...(shown === '' || shown === slug
          ? []
          : [org.factAt({ object, pointer: '/spec/displayName' }, shown, displayName)]),
      ];
    }),
  collisions: acrossOrgs,
  say: ({ org, detail }, others) => ({
    message: `org ${org} is called like ${others}`,
    expected: 'a name that differs in more than case, signs and look-alike characters',
    found: detail ?? org,
  }),
};

/** Letters of other scripts, and digits, that look like these. */
const ALIKE: ReadonlyMap<string, string> = new Map(
  [
    'аa',
    'еe',
    'оo',
    'рp',
    'сc',
    'уy',
    'хx',
    'іi',
    'јj',
    'ѕs',
    'вb',
    'нh',
    'кk',
    'мm',
    'тt',
    'αa',
    'οo',
    'ρp',
    'νv',
    'ιi',
    'κk',
    'τt',
    'υu',
    'χx',
    '0o',
    '1l',
    '5s',
    'ıi',
  ].map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
);

const ANY_ALIKE = new RegExp(`[${[...ALIKE.keys()].join('')}]`, 'g');
/** What needs no Unicode tables to be folded: most names of orgs. */
const ASCII = /^[ -~]*$/;

/** What the eye sees: folded, without marks, signs and spaces, look-alikes as the letter that they look like. */
function skeleton(name: string): string {
  const letters = ASCII.test(name)
    ? name.toLowerCase().replace(/[^a-z0-9]/g, '')
    : name
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]/gu, '');
  return letters.replace(ANY_ALIKE, (character) => ALIKE.get(character) ?? character);
}
