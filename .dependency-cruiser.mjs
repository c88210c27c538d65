// For `npx depcruise src gateway` and editors; the rules themselves are typed, in scripts/check/import-rules.ts.
export { importRules as default } from './scripts/check/import-rules.ts';
