import type { OrgSlug } from '../../model/index.ts';

/** A stored line of a gateway's journal, and of which journal it is. */
interface StoredLine {
  readonly gateway: string;
  readonly chain: number;
  readonly hash: string;
  readonly text: string;
}

/**
 * The line as one of NDJSON: `line` is its text byte for byte, so the SHA-256 of that is `hash`; `damaged` has a text that is no
 * line any more.
 */
export function journalLine(org: OrgSlug, { gateway, chain, hash, text }: StoredLine, isLine: boolean): string {
  const head = JSON.stringify({ schema: 'tenantry/journal-line/v1', org, gateway, chain, hash }).slice(0, -1);
  return isLine ? `${head},"line":${text}}` : `${head},"damaged":${JSON.stringify(text)}}`;
}
