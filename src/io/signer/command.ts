import { createPublicKey, verify } from 'node:crypto';
import type { OrgUid, RoleEpochs, TrustRole } from '../../core/model/index.ts';
import type { Custody, KeyHolder, Signer } from '../../ports/index.ts';
import { withRoots } from './custody.ts';
import type { Environment } from './environment.ts';
import { askProgram, type ProgramCall, programAt } from './program.ts';
import { signerError } from './refusal.ts';
import { HOLDER_OF } from './seeds.ts';

/** How fleet.yaml describes a program that signs. */
export interface SignerProgram {
  /** Its file name in `folder`. */
  readonly name: string;
  /** TENANTRY_SIGNERS_DIR: which programs may sign is decided on this machine, not by a commit. */
  readonly folder: string | undefined;
  readonly timeoutMs: number;
  /** Holders whose one key serves all orgs. */
  readonly pooled: readonly KeyHolder[];
  readonly firstEpochs: RoleEpochs;
  readonly environment: Environment;
}

const PROTOCOL = 'tenantry/signer/v1';
const PUBLIC_KEY = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Public keys kept: four per org for a thousand orgs. */
const CACHE_LIMIT = 4096;

/**
 * Keys that a program holds, such as one in front of a KMS or HSM. They are explicit, not derived: the program is told the
 * name of a key. Root seeds may lie in sealed files beside it (`roots`).
 */
export function commandCustody(program: SignerProgram, roots: Custody): Custody {
  const signer = commandSigner(program);
  const where = `program ${program.name}`;
  const { targets, timestamp } = program.firstEpochs;
  const daily: Custody = {
    signer,
    rootSigners: async () => [],
    held: async () => [
      { holder: 'publish', share: '', fromEpoch: targets, where },
      { holder: 'online', share: '', fromEpoch: timestamp, where },
    ],
    firstEpochs: async () => program.firstEpochs,
    // Each epoch has a key of its own: the program makes or finds it when it is first named.
    renewSeeds: async () => undefined,
  };
  const joined = withRoots(daily, roots);
  // Root keys are the program's where no root seed is at hand.
  return {
    ...joined,
    async rootSigners() {
      const seeds = await roots.rootSigners();
      return seeds.length > 0 ? seeds : [signer];
    },
  };
}

/** The name by which the program knows a key. Pooled keys serve every org; root keys never do. */
export function keyName(
  { role, org, epoch }: { readonly role: TrustRole; readonly org: OrgUid; readonly epoch: number },
  pooled: readonly KeyHolder[],
): string {
  const isPooled = role !== 'root' && pooled.includes(HOLDER_OF[role]);
  return `${isPooled ? 'pool' : `org/${org}`}/${role}/${epoch}`;
}

function commandSigner(program: SignerProgram): Signer {
  const keys = new Map<string, Uint8Array>();
  const ask = async (key: string, call: Omit<ProgramCall, 'request'> & { readonly request: object }) => {
    const path = await programAt(program.folder, program.name);
    const request = JSON.stringify({ protocol: PROTOCOL, key, ...call.request });
    return askProgram({ path, timeoutMs: program.timeoutMs, environment: program.environment }, { ...call, request });
  };
  const publicKey = async (key: string): Promise<Uint8Array> => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const hex = await ask(key, { request: { operation: 'public-key' }, field: 'publicKey', form: PUBLIC_KEY });
    if (hex === undefined)
      throw signerError('SIGNER_SEED_MISSING', `expected the key ${key} of ${program.name}, found none`);
    const oldest = keys.size >= CACHE_LIMIT ? keys.keys().next().value : undefined;
    if (oldest !== undefined) keys.delete(oldest);
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    keys.set(key, bytes);
    return bytes;
  };
  const nameOf = (role: TrustRole, org: OrgUid, epoch: number): string => keyName({ role, org, epoch }, program.pooled);
  return {
    publicKey: async (role, org, epoch) => (await publicKey(nameOf(role, org, epoch))).slice(),
    async sign(role, org, epoch, bytes) {
      const key = nameOf(role, org, epoch);
      const request = { operation: 'sign', message: Buffer.from(bytes).toString('base64') };
      const hex = await ask(key, { request, field: 'signature', form: SIGNATURE });
      const signature = Buffer.from(hex ?? '', 'hex');
      // A program that answers with something else must not reach gateways, which would refuse the whole publication.
      if (!fits(await publicKey(key), bytes, signature))
        throw signerError(
          'SIGNER_PROGRAM',
          `expected a signature of ${key} over what was sent, found one that does not fit`,
        );
      return new Uint8Array(signature);
    },
  };
}

function fits(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}
