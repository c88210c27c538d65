// Promise: the parts of the framework itself that a new fleet begins with.
// Input: the folder that the framework is installed in. Output: texts by their path in it.
// Invariants: nothing outside the listed folders is read; links are not followed.
export { readFramework } from './read.ts';
