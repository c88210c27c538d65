// Promise: what a template and an org's files mean: every manifest that should exist, its one text and digest, and where each value comes from.
// Input: a template version and one org's manifests, as values with places; a Hash. Nothing of another org, no clock, no randomness.
// Output: CompiledTemplate, DesiredOrg, OrgTrace, or findings with file, line and column.
// Invariants: the same input gives the same bytes; a value never becomes structure; a path that could fail for any org fails at compile time.

export { edited, type Migrations, migrateInputs, type TakenPlace } from './migrate.ts';
export { type InputFault, inputFaults } from './migrate-check.ts';
export { migrationFindings } from './migrate-paths.ts';
export { editYaml, type YamlEdit } from './migrate-text.ts';
export { renderOrg } from './org.ts';
export { type PlacedPatch, patchesByTarget } from './overlay.ts';
export { isOwnerFileOurs, type Ownership, ownerFile } from './owner-file.ts';
export type { RenderInput } from './render-input.ts';
export { type Renderer, rendererOf, renderVersions } from './renderers.ts';
export { type NextFacts, starterFindings, starterInputs } from './starter.ts';
export { type CompiledTemplate, compileTemplate, type TemplateBody, type TemplateInput } from './template.ts';
export type { Provenance } from './trace.ts';
export { type OrgTrace, traceOrg } from './trace-org.ts';
