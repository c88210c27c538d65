// Renders synthetic orgs with the real parser, renderer and emitter, in memory.

import type { Finding, Manifest, RenderedOrg, RepoPath } from '../../src/core/model/index.ts';
import { parseManifest, readYaml } from '../../src/core/parse/index.ts';
import { type CompiledTemplate, compileTemplate, type RenderInput, renderOrg } from '../../src/core/render/index.ts';

/** A file by its path in the fleet repository. */
export interface FleetFile {
  readonly path: RepoPath;
  readonly text: string;
}

const shown = (findings: readonly Finding[]): string =>
  findings
    .slice(0, 5)
    .map(
      ({ code, place, message, expected, found }) =>
        `${code} ${place.file}:${place.line} ${message}; expected ${expected}, found ${found}`,
    )
    .join('\n');

/** Compile one version. Throws with the findings when it does not compile. */
export const compileVersion = (files: readonly FleetFile[], name: string, version: string): CompiledTemplate => {
  const folder = `templates/${name}/${version}/`;
  const own = files.filter(({ path }) => path.startsWith(folder));
  const manifest = parsed(own.filter(({ path }) => path.endsWith('/template.yaml')))[0];
  if (manifest === undefined) throw new Error(`Expected ${folder}template.yaml, found none.`);
  const bodies = own.flatMap(({ path, text }) => {
    if (path.endsWith('/template.yaml')) return [];
    const read = readYaml(text, path, { mode: 'fast' });
    if (!read.ok) throw new Error(`Expected ${path} to be readable, found:\n${shown(read.findings)}`);
    return [{ file: path, value: read.value.value, placeOf: read.value.placeOf }];
  });
  const compiled = compileTemplate({ name, version, manifest, bodies });
  if (!compiled.ok) throw new Error(`Expected ${folder} to compile, found:\n${shown(compiled.findings)}`);
  return compiled.value;
};

/** Read manifests that were accepted before, with one reader, as a check of an unchanged file does. */
export const parsed = (files: readonly FleetFile[]): readonly Manifest[] =>
  files.map(({ path, text }) => {
    const read = parseManifest(text, path, { mode: 'fast' });
    if (!read.ok) throw new Error(`Expected ${path} to be accepted, found:\n${shown(read.findings)}`);
    return read.value;
  });

/** What a render of an org reads, from the files that people and commands wrote. */
const renderInput = (template: CompiledTemplate, written: readonly FleetFile[]): RenderInput => {
  const manifests = parsed(written);
  const found = (kind: Manifest['id']['kind']): readonly Manifest[] =>
    manifests.filter((manifest) => manifest.id.kind === kind && !manifest.file.includes('/custom/'));
  const [organization] = found('Organization');
  if (organization === undefined) throw new Error('Expected an org.yaml, found none.');
  return {
    organization,
    template,
    overlays: found('Overlay'),
    custom: manifests.filter((manifest) => manifest.file.includes('/custom/')),
    credentials: found('Credentials')[0] ?? null,
    waivers: found('Waiver'),
    pins: found('Pin'),
  };
};

/** Render one org. Throws with the findings when it does not render. */
export const renderFiles = (template: CompiledTemplate, written: readonly FleetFile[]): RenderedOrg => {
  const rendered = renderOrg(renderInput(template, written));
  if (!rendered.ok) throw new Error(`Expected ${written[0]?.path} to render, found:\n${shown(rendered.findings)}`);
  return rendered.value;
};
