// Promise: what `check` accepts of a policy document is what a gateway enforces: one code checks, compiles and decides.
// Input: a policy-config document as JSON; a request or an answer as JSON, or the texts of a stream.
// Output: findings; a compiled policy; verdicts with steps, rewritten bodies, eligible targets, text that may go out.
// Invariants: pure; unchanged bodies keep their identity; patterns of users run in linear time; no character of a match is streamed.

export { usualUrlOf } from './check/format.ts';
export { providerOf } from './check/provider.ts';
export { compatibilityMarkdown } from './compatibility.ts';
export { checkDocument, compileDocument, routesOf } from './compile.ts';
export { type Control, JOURNAL_CONTROLS, MONEY_CONTROLS } from './controls.ts';
export { POLICY_KINDS } from './kinds/table.ts';
export { asksToo } from './run/evaluate.ts';
export { createMemory, type MemoryBook } from './run/memory.ts';
export { channelOf, STREAM_TEXT_FIELDS } from './run/scanner.ts';
export { COST_FIELDS, costIsBounded } from './text/cost.ts';
export { repeatsKey } from './text/repeats.ts';
export { estimateTokens, requestedOutputTokens } from './text/tokens.ts';
export { toolsOf } from './text/tools.ts';
export { editTexts } from './text/visit.ts';
export * from './types.ts';
