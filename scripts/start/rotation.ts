import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrgUnderTest } from './change.ts';
import { sleep } from './processes.ts';
import { ask, chat, type OnceParts } from './request.ts';
import { type Row, row } from './table.ts';

const DEADLINE_MS = 30_000;

/**
 * Raises the online keys of every org through the running controller. Each gateway must follow to the new root by itself,
 * refuse nothing meanwhile, and go on answering with the bundle that it has.
 */
export async function rotatedKeys(parts: OnceParts, orgs: readonly OrgUnderTest[]): Promise<readonly Row[]> {
  const gateways = orgs.flatMap(({ gateways: each }) => each);
  const before = new Map(gateways.map((gateway) => [gateway, rootOf(parts, gateway)]));
  const [first] = orgs;
  const response = await fetch(`${parts.report.controlPlane}/api/v1/fleet/keys/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${first?.staffToken ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ holder: 'online' }),
  });
  const rotation = (await response.json()) as { readonly orgs?: readonly { readonly outcome: string }[] };
  const answered = rotation.orgs ?? [];
  const rotated = answered.filter(({ outcome }) => outcome === 'rotated').length;
  // An org that is retired has keys, and no gateway that could be asked.
  const all = Math.max(orgs.length, answered.length);
  const rows = [row('-', 'orgs whose online keys were rotated', String(all), String(rotated))];
  for (const gateway of gateways) {
    const next = (before.get(gateway) ?? 0) + 1;
    const reached = await rootReached(parts, gateway, next);
    const answer = await ask(gateway.url, gateway.appToken, chat(gateway.model, 'Did you notice?'));
    const name = `${gateway.org}/${gateway.gateway}`;
    rows.push(row(name, 'key rotation followed', `200, root ${next}`, `${answer.status}, root ${reached}`));
  }
  return rows;
}

async function rootReached(parts: OnceParts, gateway: Named, wanted: number): Promise<number> {
  const deadline = Date.now() + DEADLINE_MS;
  while (rootOf(parts, gateway) < wanted && Date.now() < deadline) await sleep(100);
  return rootOf(parts, gateway);
}

interface Named {
  readonly org: string;
  readonly gateway: string;
}

/** The version of the root that the gateway trusts, from its own floors. */
function rootOf(parts: OnceParts, { org, gateway }: Named): number {
  const file = join(parts.dir, '.tenantry/gateways', org, gateway, 'trust/floors.json');
  const floors = JSON.parse(readFileSync(file, 'utf8')) as { readonly root: { readonly version: number } };
  return floors.root.version;
}
