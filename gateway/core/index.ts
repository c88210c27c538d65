// Promise: what the gateway decides: pulling, admission, limits, routing, refusals, the form of its evidence.
// Input: events, requests and snapshots as plain data; instants, randomness and hashes as arguments.
// Output: next states, effects to perform, refusals, lines to write.
// Invariants: pure; the same input gives the same output; no clock, no network, no file.
export * from './admission.ts';
export * from './approved.ts';
export * from './attempt.ts';
export * from './breaker.ts';
export * from './bytes.ts';
export * from './client.ts';
export * from './journal.ts';
export * from './limits.ts';
export * from './mcp/index.ts';
export * from './measure.ts';
export * from './otlp.ts';
export * from './prefer.ts';
export * from './pull.ts';
export * from './refusal.ts';
export * from './routing.ts';
export * from './rules.ts';
export * from './shapes/index.ts';
export { outputBound, type Passage, regionFault, type Shape, type Wanted } from './shapes/shape.ts';
export { saysAnything } from './shapes/usage.ts';
export { isWithinShare } from './share.ts';
export * from './snapshot.ts';
export * from './strategy.ts';
export { firstWord, isAnswer, type Outgoing, type ShapeStream } from './streams/stream.ts';
export * from './trace.ts';
export { translated } from './translate/translator.ts';
export * from './webhook.ts';
export * from './words.ts';
