// Promise: flags become flows, answers become text and exit codes.
// Input: argv, a terminal, the current folder. Output: data on stdout, messages on stderr, the exit codes of the contract.
// Invariants: a command file loads only when its command runs; nothing is decided here that a flow could decide.
import { run } from './run.ts';

// Answers are written synchronously, so nothing is lost by not waiting for idle handles.
process.exit(await run(process.argv.slice(2)));
