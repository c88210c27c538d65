// Promise: the arithmetic of money and nothing else: periods, holds, settlement, slices.
// Input: wallets, prices and slices of core/model, instants in Unix milliseconds, a ZoneOffset.
// Output: periods, amounts in integer micro-units, what to lease, what was settled.
// Invariants: no I/O, no clock; held + settled <= granted for every slice; a hold is never shrunk and ends once.
export * from './cost.ts';
export * from './lease.ts';
export * from './money.ts';
export * from './period.ts';
export * from './purse.ts';
export * from './settlements.ts';
