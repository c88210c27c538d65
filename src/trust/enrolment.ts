import { type Decoded, refused } from '../core/bundle/index.ts';
import { isName, type OrgSlug, type OrgUid, orgSlug, orgUid, type Sha256Hex } from '../core/model/index.ts';
import { sha256Of } from './layout.ts';

/** What a one-time code carries from the platform team to a gateway's host: who it will be, and whom it may believe. */
export interface EnrolmentCode {
  readonly fleet: string;
  readonly orgUid: OrgUid;
  readonly org: OrgSlug;
  readonly gateway: string;
  /** 32 random bytes; the control plane keeps their hash. */
  readonly secret: Uint8Array;
  /** SHA-256 of the org's first root: who sits between cannot substitute it (bundles.md). */
  readonly rootSha256: Sha256Hex;
}

const PREFIX = 'tne_';
const FORMAT = 1;
const SECRET_BYTES = 32;
const DIGEST_BYTES = 32;
const CHECK_BYTES = 4;
/** A whole code, and no longer. */
const CODE = /^tne_([A-Za-z0-9_-]{1,596})$/;

/** `tne_` and base64url of: format, four texts with their lengths, secret, root digest, and four check bytes. */
export function encodeEnrolmentCode(code: EnrolmentCode): string {
  if (code.secret.length !== SECRET_BYTES) throw new RangeError(`expected a secret of ${SECRET_BYTES} bytes`);
  const texts = [code.fleet, code.orgUid, code.org, code.gateway].map((text) => Buffer.from(text, 'utf8'));
  const parts = texts.flatMap((text) => [Buffer.of(text.length), text]);
  const body = Buffer.concat([Buffer.of(FORMAT), ...parts, code.secret, Buffer.from(code.rootSha256, 'hex')]);
  return PREFIX + Buffer.concat([body, checkOf(body)]).toString('base64url');
}

/** The parts of a code; ENROLMENT_CODE when it was mistyped, cut or is none. Says nothing about whether it was used. */
export function decodeEnrolmentCode(text: string): Decoded<EnrolmentCode> {
  const encoded = CODE.exec(text)?.[1];
  if (encoded === undefined) {
    return refused('ENROLMENT_CODE', `expected a code that starts with ${PREFIX}, found other text`);
  }
  const bytes = Buffer.from(encoded, 'base64url');
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECK_BYTES));
  if (PREFIX + bytes.toString('base64url') !== text || !checkOf(body).equals(bytes.subarray(body.length))) {
    return refused('ENROLMENT_CODE', 'expected the whole code as it was given, found it cut or mistyped');
  }
  const code = partsOf(body);
  return code === undefined
    ? refused('ENROLMENT_CODE', 'expected a code of this version of Tenantry, found another')
    : { ok: true, value: code };
}

/** What the control plane keeps of a code's secret. */
export function enrolmentSecretHash(secret: Uint8Array): Sha256Hex {
  return sha256Of(Buffer.concat([Buffer.from('tenantry/enrol/v1\0', 'utf8'), secret]));
}

function partsOf(body: Buffer): EnrolmentCode | undefined {
  const texts: string[] = [];
  let at = 1;
  while (texts.length < 4 && at < body.length) {
    const end = at + 1 + (body[at] ?? 0);
    texts.push(body.subarray(at + 1, end).toString('utf8'));
    at = end;
  }
  const [fleet = '', uidText = '', slugText = '', gateway = ''] = texts;
  const [uid, org] = [orgUid(uidText), orgSlug(slugText)];
  const whole = body[0] === FORMAT && body.length === at + SECRET_BYTES + DIGEST_BYTES;
  if (!whole || uid === undefined || org === undefined || !isName(fleet) || !isName(gateway)) return undefined;
  const secret = new Uint8Array(body.subarray(at, at + SECRET_BYTES));
  const rootSha256 = body.subarray(at + SECRET_BYTES).toString('hex') as Sha256Hex;
  return { fleet, orgUid: uid, org, gateway, secret, rootSha256 };
}

function checkOf(body: Buffer): Buffer {
  return Buffer.from(sha256Of(body), 'hex').subarray(0, CHECK_BYTES);
}
