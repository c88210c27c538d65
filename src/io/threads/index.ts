// Promise: more threads of this process, all running one program.
// Input: the program's URL and how many. Output: the Threads port.
// Invariants: a thread starts when it is first asked, and keeps no process alive while it has nothing to answer.
export { openThreads, type ThreadMessage } from './pool.ts';
