import type { PublishedOrg } from '../flows/index.ts';

/** What a publication of an org brought to whom, and which gateways it names no more; none where nothing changed. */
export function sentWords({ changed, removed }: Pick<PublishedOrg, 'changed' | 'removed'>): readonly string[] {
  return [...changed, ...removed.map((gateway) => `no more ${gateway}`)];
}
