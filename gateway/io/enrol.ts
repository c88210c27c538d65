import { createHash } from 'node:crypto';
import { Agent } from 'undici';
import { parseJson } from '../../src/core/model/index.ts';
import { decodeEnrolmentCode, type EnrolmentCode, encodeSecret } from '../../src/trust/index.ts';
import { sourceOrigin } from './control.ts';
import { GatewayFailure } from './failure.ts';
import { enrolmentKey, type PinnedIdentity, refuseExisting, writeIdentity } from './state.ts';

export interface EnrolOptions {
  readonly code: string;
  readonly source: string;
  readonly stateDir: string;
}

const MAX_ANSWER_BYTES = 1 << 20;

/**
 * Uses a one-time code: makes a key and keeps it, shows it to the control plane, and pins the identity and the root that the
 * code names. Throws GatewayFailure; no identity is written unless everything fits. Run again with the same code after a
 * failure, it goes on with the same key, for which the control plane takes the code again.
 */
export async function enrol(options: EnrolOptions): Promise<PinnedIdentity> {
  const text = options.code.trim();
  const decoded = decodeEnrolmentCode(text);
  if (!decoded.ok) throw new GatewayFailure('ENROL_CODE_INVALID', decoded.detail);
  const source = sourceOrigin(options.source);
  refuseExisting(options.stateDir);
  const code = decoded.value;
  const key = enrolmentKey(options.stateDir, createHash('sha256').update(text).digest('hex'));
  const answer = await redeem(source, code, key.publicKey);
  if (answer.fleet !== code.fleet || answer.orgUid !== code.orgUid || answer.gateway !== code.gateway) {
    const found = `${answer.fleet}/${answer.orgUid}/${answer.gateway}`;
    throw new GatewayFailure(
      'ENROL_IDENTITY_MISMATCH',
      `expected ${code.fleet}/${code.orgUid}/${code.gateway}, found ${found}`,
    );
  }
  const root = Buffer.from(answer.root, 'base64');
  const rootSha256 = createHash('sha256').update(root).digest('hex');
  if (rootSha256 !== code.rootSha256) {
    throw new GatewayFailure('ENROL_ROOT_MISMATCH', `expected the root ${code.rootSha256}, found ${rootSha256}`);
  }
  const { fleet, orgUid, gateway } = code;
  const identity: PinnedIdentity = { fleet, orgUid, gateway, source, rootSha256, privateKey: key.privateKey };
  writeIdentity(options.stateDir, identity, root);
  return identity;
}

interface EnrolAnswer {
  readonly fleet: string;
  readonly orgUid: string;
  readonly gateway: string;
  readonly root: string;
}

async function redeem(source: string, code: EnrolmentCode, publicKey: string): Promise<EnrolAnswer> {
  const { origin, pathname } = new URL(source);
  const agent = new Agent({ connections: 1 });
  const body = JSON.stringify({
    orgUid: code.orgUid,
    gateway: code.gateway,
    code: encodeSecret(code.secret),
    publicKey,
  });
  let answer: { readonly status: number; readonly text: string };
  try {
    const response = await agent.request({
      origin,
      path: `${pathname === '/' ? '' : pathname}/api/v1/gateway/enroll`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(15_000),
    });
    answer = { status: response.statusCode, text: await boundedText(response.body) };
  } catch (error) {
    throw new GatewayFailure(
      'ENROL_UNREACHABLE',
      `${source}: ${error instanceof Error ? error.message : 'no answer'}`,
      69,
    );
  } finally {
    await agent.destroy();
  }
  if (answer.status >= 500)
    throw new GatewayFailure('ENROL_UNREACHABLE', `${source} answered with status ${answer.status}`, 69);
  const read = answer.status === 200 ? readAnswer(answer.text) : undefined;
  if (read === undefined)
    throw new GatewayFailure('ENROL_REFUSED', `${source} answered with status ${answer.status}${codeIn(answer.text)}`);
  return read;
}

/** The code of a refusal, for whoever runs the control plane; nothing else of what a stranger wrote is shown. */
function codeIn(text: string): string {
  const [, code] = /"code": ?"([A-Z][A-Z0-9_]{2,60})"/.exec(text) ?? [];
  return code === undefined ? '' : ` ${code}`;
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readAnswer(text: string): EnrolAnswer | undefined {
  try {
    const { fleet, orgUid, gateway, root } = parseJson(text) as Record<string, unknown>;
    const texts = [fleet, orgUid, gateway, root];
    if (!texts.every((item) => typeof item === 'string')) return undefined;
    return { fleet: String(fleet), orgUid: String(orgUid), gateway: String(gateway), root: String(root) };
  } catch {
    return undefined;
  }
}
