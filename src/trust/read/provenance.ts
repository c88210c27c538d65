import { type CommitId, commitId, isJsonObject, type Json, parseJson } from '../../core/model/index.ts';

/**
 * The commit that a signed provenance says its content comes from. Null where there is none, or none that can be read, and
 * for content that an override holds: what it names is the commit that was applied, not the one of the content. It is told in evidence and decides nothing.
 */
export function provenanceCommit(bytes: Uint8Array | null): CommitId | null {
  const said = bytes === null ? undefined : parsed(bytes);
  if (!isJsonObject(said) || said['format'] !== 'tenantry/provenance/v1' || said['override'] !== undefined) return null;
  const { commit } = said as { readonly commit?: Json };
  return typeof commit === 'string' ? (commitId(commit) ?? null) : null;
}

function parsed(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
