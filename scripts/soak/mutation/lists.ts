// The lists whose every entry must be guarded by a test: without the entry, some test must fail.

export interface MutationList {
  /** What an entry is, for the table. */
  readonly what: string;
  readonly file: string;
  /** Name of the constant that is the list, or of the function that returns it; null: every guard of the file. */
  readonly list: string | null;
  /** Where the tests that should notice stand; they run first, then all tests that import the file. */
  readonly tests: readonly string[];
}

export const mutationLists: readonly MutationList[] = [
  { what: 'rule', file: 'src/core/validate/index.ts', list: 'rules', tests: ['src/core/validate'] },
  { what: 'hazard', file: 'src/core/plan/hazards/index.ts', list: 'hazards', tests: ['src/core/plan'] },
  { what: 'fleet hazard', file: 'src/core/plan/hazards/fleet.ts', list: 'fleetHazards', tests: ['src/core/plan'] },
  { what: 'policy kind', file: 'src/core/policy/kinds/index.ts', list: 'supported', tests: ['src/core/policy'] },
  ...['floors', 'guard', 'metadata', 'state', 'stored-verifier', 'target', 'verifier'].map((name) => ({
    what: 'trust check',
    file: `src/trust/read/${name}.ts`,
    list: null,
    tests: ['src/trust/read'],
  })),
];
