// Promise: gateways as child processes of a local run, each with a state folder of its own.
// Input: the gateway's program, its state folder and address. Output: a running child that ends with us.
// Invariants: a child never outlives the run; its log goes to a file of its own; no secret is an argument.
export { type ChildGateway, enrolChild, type GatewayProgram, startChild } from './gateway.ts';
