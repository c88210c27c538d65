// Promise: an upstream of OpenAI's and Anthropic's interfaces on loopback whose answers are scripted, deterministic and marked as simulated.
// Input: HTTP requests; scripts from the `x-simulate` header, the first line of the prompt, `script()` or /control/script.
// Output: answers, streams and every fault that a gateway must survive; counters and the newest requests for tests.
// Invariants: loopback only; no clock, randomness or earlier request in an answer; `x-simulated: true` on all of them.

export { countTokens } from './answer.ts';
export type { Script, ScriptedUsage } from './script.ts';
export { type ReceivedRequest, type Simulator, type SimulatorOptions, startSimulator } from './server.ts';
