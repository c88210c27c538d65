// Promise: the edges of the gateway: sockets, upstreams, disk, the control plane; all decisions come from core.
// Input: a state folder or a policy file, addresses, and the host's clock, randomness, hash and environment.
// Output: a running gateway that can be stopped, or a GatewayFailure with a code.
// Invariants: an intent is durable before the first upstream byte, a decision before its answer completes;
// no client chooses an upstream; secrets and content are never logged.
export { enrol } from './enrol.ts';
export { GatewayFailure } from './failure.ts';
export { createLog, type Log } from './log.ts';
export { print } from './print.ts';
export { type Host, type ListenOptions, type Running, runManaged, runStandalone, simulatorOrigin } from './run.ts';
export { OTLP_HEADERS, otlpTarget } from './sink-otlp.ts';
export { WRONG_CREDENTIALS_PER_MINUTE } from './strangers.ts';
