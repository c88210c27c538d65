// Promise: the Publisher port over a folder that any static web server can serve.
// Input: an org uid, a relative path, bytes. Output: `<dir>/<org uid>/<path>`, written whole or not at all.
// Invariants: nothing outside the org's folder is read or written; an immutable file never changes; what is
// written is on the disk before the call returns.
export { filePublisher } from './files.ts';
