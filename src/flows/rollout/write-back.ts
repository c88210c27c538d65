import { emit, pathOf } from '../../core/kinds/index.ts';
import {
  type Hold,
  instantText,
  type JsonObject,
  type OrgSlug,
  type Override,
  type RepoPath,
} from '../../core/model/index.ts';
import { counted } from '../../core/report/index.ts';
import { type Outcome, revokeToken, type TokenParts } from '../tokens.ts';

export type WriteBackParts = TokenParts;

/** What was written for one override, or the words that say why a person must write it. */
export interface WrittenBack {
  readonly id: string;
  readonly paths: readonly RepoPath[];
  readonly words: string;
}

/**
 * Writes into the work tree what an override says, so that a pull request brings it into Git: a rollback to a generation
 * as a Pin of the same name, a denied token as the removal of its secrets. Nothing is committed.
 */
export async function writeBack(
  parts: WriteBackParts,
  org: OrgSlug,
  override: Override,
): Promise<Outcome<WrittenBack>> {
  const { id } = override;
  if (override.kind === 'rollback') return writePin(parts, org, override);
  if (override.of === 'gateway') {
    const words = `remove gateway ${override.name} from orgs/${org}/org.yaml or orgs/${org}/custom, and render: what removes it is yours to say`;
    return { ok: true, value: { id, paths: [], words } };
  }
  const revoked = await revokeToken(parts, org, override.name);
  if (!revoked.ok) return revoked;
  const path = pathOf(org, { kind: 'Credentials', environment: null, name: 'credentials' });
  return {
    ok: true,
    value: { id, paths: [path], words: `removed ${counted(revoked.value, 'secret')} of token ${override.name}` },
  };
}

async function writePin(parts: WriteBackParts, org: OrgSlug, hold: Hold): Promise<Outcome<WrittenBack>> {
  const { id: name, reason, expiresAt, contents, to } = hold;
  const gateways = Object.keys(contents);
  const expires = instantText(expiresAt);
  const which: JsonObject = gateways.length === 1 ? { gateway: gateways[0] ?? '' } : {};
  const path = pathOf(org, { kind: 'Pin', environment: null, name });
  const spec: JsonObject = { ...which, generation: to, reason, expires };
  const text = emit({ apiVersion: 'tenantry/v1', kind: 'Pin', metadata: { org, name }, spec });
  await parts.write.write(new Map([[path, text]]));
  return { ok: true, value: { id: name, paths: [path], words: `generation ${to} holds until ${expires}` } };
}
