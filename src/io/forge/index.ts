// Promise: one repository on GitHub (github.com or a server with the same API) behind the Forge port.
// Input: owner and name, the API's address, a token. Output: the port's answers, with every page read.
// Invariants: rate limits and failures of the server are waited out a bounded number of times; the token is in no error.
export { type GitHubOptions, openGitHub } from './github.ts';
