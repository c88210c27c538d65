import type { OrgSlug, Token } from '../../src/core/model/index.ts';
import { ofKind } from '../../src/core/model/index.ts';
import { openFrame, zeroCounters } from '../../src/flows/frame.ts';
import { issueToken } from '../../src/flows/index.ts';
import { loadOrgs } from '../../src/flows/org.ts';
import { wireHost, wireRepository } from '../../src/wire.ts';
import { commitAll, type DemoTokens, readDemoTokens, writeDemoTokens } from './fleet.ts';

export interface DemoGateway {
  readonly org: string;
  readonly gateway: string;
  readonly model: string;
  /** Name of the Token behind `appToken`. */
  readonly appName: string;
  /** A token of this gateway with a wallet that can pay, and the one whose wallet is nearly empty. */
  readonly appToken: string;
  readonly probeToken: string;
}

export interface DemoFleet {
  readonly gateways: readonly DemoGateway[];
  readonly consoleTokens: DemoTokens;
}

/** Issues a secret for every Token that has none here, commits the digests, and pairs gateways with their tokens. */
export async function prepareTokens(root: string, dir: string): Promise<DemoFleet> {
  const host = await wireHost();
  const orgs = await orgsOf(dir);
  const secrets: Record<string, string> = { ...readDemoTokens(root) };
  for (const { org, tokens } of orgs) {
    for (const token of tokens) {
      if (secrets[`${org}/${token.metadata.name}`] !== undefined) continue;
      const { repository, write } = await wireRepository(dir);
      const issued = await issueToken({ ...host, tree: repository.workTree(), write }, org, token.metadata.name);
      if (!issued.ok) throw new Error(issued.message);
      secrets[`${org}/${token.metadata.name}`] = issued.value.secret;
    }
  }
  commitAll(dir, 'Issue demo tokens for a local run');
  writeDemoTokens(root, secrets);
  const gateways = orgs.flatMap(({ org, gateways: named, tokens }) =>
    named.map(({ name, model }): DemoGateway => {
      const mine = tokens.filter((token) => token.spec.gateways.includes(name));
      const app = mine.find((token) => token.metadata.name !== 'probe');
      const probe = mine.find((token) => token.metadata.name === 'probe');
      return {
        org,
        gateway: name,
        model,
        appName: app?.metadata.name ?? '',
        appToken: secrets[`${org}/${app?.metadata.name}`] ?? '',
        probeToken: secrets[`${org}/${probe?.metadata.name}`] ?? '',
      };
    }),
  );
  const consoles = orgs.flatMap(({ org, tokens }) =>
    tokens
      .filter((token) => token.spec.scopes.includes('console'))
      .map((token) => [org, secrets[`${org}/${token.metadata.name}`] ?? ''] as const),
  );
  return { gateways, consoleTokens: Object.fromEntries(consoles) };
}

interface DemoOrg {
  readonly org: OrgSlug;
  readonly tokens: readonly Token[];
  readonly gateways: readonly { readonly name: string; readonly model: string }[];
}

async function orgsOf(dir: string): Promise<readonly DemoOrg[]> {
  const { repository } = await wireRepository(dir);
  const frame = await openFrame({ tree: repository.workTree(), isStrict: () => true, counters: zeroCounters() });
  const loaded = await loadOrgs(frame, [...frame.orgTrees.keys()]);
  return loaded.map((item) => {
    const objects = item.desired?.objects ?? [];
    const policies = ofKind(objects, 'Policy');
    const gateways = ofKind(objects, 'Gateway').map(({ id, document }) => {
      const policy = policies.find(
        (one) => one.id.name === document.spec.policy && one.id.environment === id.environment,
      );
      const providers = policy?.document.spec.document['providers'] as
        | { readonly targets?: readonly { readonly model?: string }[] }
        | undefined;
      return { name: id.name, model: providers?.targets?.[0]?.model ?? 'gpt-4o-mini' };
    });
    return { org: item.org, tokens: ofKind(objects, 'Token').map((token) => token.document), gateways };
  });
}
