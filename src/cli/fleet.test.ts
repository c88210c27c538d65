import { describe, expect, it } from 'vitest';
import { slugOf, table } from './fleet.ts';
import { openTerminal } from './terminal.ts';

describe('a table', () => {
  const HEADER = ['ORG', 'GATEWAY', 'STATE'];
  const ROWS = [
    ['acme', 'support', 'active'],
    ['bravo', 'finance', ''],
  ];
  const on = (columns: number | undefined, rows = ROWS): readonly string[] => {
    const terminal = { ...openTerminal({ color: false, quiet: true }), columns: () => columns };
    return table({ terminal }, HEADER, rows).split('\n');
  };
  const WIDE = ['ORG    GATEWAY  STATE', 'acme   support  active', 'bravo  finance'];

  it.each([undefined, 80, 22])(
    'has a line for each row where there is room, or no terminal (%s columns)',
    (columns) => {
      expect(on(columns)).toEqual(WIDE);
    },
  );

  it('has a block for each row where a line would be broken', () => {
    const first = ['ORG      acme', 'GATEWAY  support', 'STATE    active', ''];
    expect(on(21)).toEqual([...first, 'ORG      bravo', 'GATEWAY  finance', 'STATE', '']);
    expect(on(3, [])).toEqual(['ORG  GATEWAY  STATE']);
  });
});

describe('the name of an org', () => {
  it('that is refused is told with why, where it looks like one', () => {
    expect(slugOf('acme')).toBe('acme');
    expect(() => slugOf('fleet')).toThrow('expected an org name, found "fleet", which is reserved');
    expect(() => slugOf('Acme ')).toThrow(/found "Acme "$/);
  });
});
