// A generated customer, published again and again with another wallet each time: what its gateway meets, in memory.

import { buildBundle, gatewayNames } from '../../src/core/bundle/index.ts';
import { type JsonObject, type OrgUid, ofKind, type Publication, type Sha256Hex } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { environmentCustody } from '../../src/io/signer/index.ts';
import { ensureRoot, type PublishedFiles, publishOrg, type SigningKeys } from '../../src/trust/index.ts';
import { compileVersion, fleetOrgs, parsed, renderFiles, sharedFiles, TEMPLATE, writtenFiles } from '../fleet/index.ts';

const SEED = 1;
const EXPIRES = '2027-06-30T00:00:00Z';
const FLEET = 'bench';
const STEP_MS = 1000;
const START_MS = Date.UTC(2027, 0, 1);
/** Above the wallets below it, whose limits stay. */
const LIMIT = 12_000;

/** The files of one publication, by their paths below the org's folder, while it is the newest. */
export type Published = ReadonlyMap<string, Uint8Array>;

export interface Publications {
  readonly fleet: string;
  readonly org: OrgUid;
  readonly gateway: string;
  readonly signer: SigningKeys;
  readonly nowMs: number;
  readonly all: readonly Published[];
}

/** Published files of one org; nobody else writes. */
const memoryFiles = (): PublishedFiles & { readonly files: Map<string, Uint8Array> } => {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    putImmutable: async (_org, more) => {
      for (const [path, bytes] of more) files.set(path, bytes);
    },
    putMutable: async (_org, path, bytes) => {
      files.set(path, bytes);
    },
    get: async (_org, path) => files.get(path),
  };
};

const signerOfBench = (): SigningKeys => {
  const seed = (name: string): Sha256Hex => nodeHash.sha256(`bench/${name}`);
  return environmentCustody({
    TENANTRY_ROOT_SEED: seed('root'),
    TENANTRY_PUBLISH_SEED: seed('publish'),
    TENANTRY_ONLINE_SEED: seed('online'),
  }).signer;
};

/** So many publications of one customer. */
export const publishMany = async (count: number): Promise<Publications> => {
  const shared = sharedFiles('127.0.0.1:4100');
  const template = compileVersion(shared, TEMPLATE.name, TEMPLATE.version);
  const prices = ofKind(parsed(shared.filter(({ path }) => path.startsWith('prices/'))), 'PriceBook')[0];
  const [customer] = fleetOrgs({ orgs: 1, seed: SEED });
  if (customer === undefined || prices === undefined) throw new Error('Expected a customer and prices.');
  const written = writtenFiles(customer, EXPIRES);
  const signer = signerOfBench();
  const publisher = memoryFiles();
  const all: Published[] = [];
  let publication: Publication | undefined;
  let nowMs = START_MS;
  let place: { readonly org: OrgUid; readonly gateway: string } | undefined;
  for (let index = 1; index <= count; index += 1) {
    nowMs += STEP_MS;
    const changed = written.map(({ path, text }) => ({
      path,
      text: text.replace(/orgLimit: ["']?[0-9.]+["']?/, `orgLimit: "${LIMIT + index}.00"`),
    }));
    const desired = renderFiles(template, changed);
    const [gateway = ''] = gatewayNames(desired);
    const ask = {
      fleet: FLEET,
      desired,
      gateway,
      prices: prices.document.spec as unknown as JsonObject,
      onExpired: 'block',
    } as const;
    const built = buildBundle(ask, nodeHash);
    if (!built.ok) throw new Error(`Expected a bundle, found ${JSON.stringify(built.findings[0])}.`);
    const trust = { fleet: FLEET, org: desired.uid, signer, publisher, nowMs };
    await ensureRoot(trust);
    const published = await publishOrg({
      ...trust,
      publication,
      generation: index,
      bundles: [built.value],
      provenance: () => ({ format: 'tenantry/provenance/v1', org: desired.uid, gateway, generation: index }),
      nextTimestamp: async (atMs) => Math.floor(atMs / STEP_MS),
    });
    publication = published.publication;
    place = { org: desired.uid, gateway };
    all.push(new Map(publisher.files));
  }
  if (place === undefined) throw new Error('Expected at least one publication.');
  return { fleet: FLEET, ...place, signer, nowMs, all };
};
