// Promise: gateways as child processes of a local run, each with a state folder of its own.
// Input: the gateway's program, its state folder and address. Output: a running child that ends with us, or the gateway's own
// code and words of why it did not start.
// Invariants: a child never outlives the run, however that ends: its standard input ends with us, and it with that. Its log goes
// to a file of its own; no secret is an argument.
export { type ChildGateway, enrolChild, type GatewayProgram, startChild } from './gateway.ts';
