// Promise: text from outside becomes plain data that every reader reads alike, or findings with line and column.
// Input: bytes (or text) and the path of the file; nothing else.
// Output: YAML files and manifests with the places of their nodes, or findings.
// Invariants: never throws, whatever the bytes; limits come before parsers; a manifest's content agrees with its path.
export { type ManifestOptions, parseManifest } from './manifest.ts';
export { type ReadLimits, type ReadOptions, readYaml } from './read.ts';
