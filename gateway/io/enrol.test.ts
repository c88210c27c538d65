import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OrgSlug, type OrgUid, orgSlug, orgUid, type Sha256Hex } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import {
  encodeEnrolmentCode,
  encodeSecret,
  readRequestHeaders,
  requestSigner,
  verifyRequest,
} from '../../src/trust/index.ts';
import { enrol } from './enrol.ts';
import { openSequences, openShippedCursor, type PinnedIdentity, readIdentity, writeIdentity } from './state.ts';

const ROOT = Buffer.from('{"signed":{}}');
const SECRET = new Uint8Array(32).fill(5);
const UID = orgUid('aaaabbbbccccddddeeee') as OrgUid;
const CODE_FACTS = {
  fleet: 'example',
  orgUid: UID,
  org: orgSlug('acme') as OrgSlug,
  gateway: 'desk',
  secret: SECRET,
  rootSha256: nodeHash.sha256(ROOT) as Sha256Hex,
};
const CODE = encodeEnrolmentCode(CODE_FACTS);

let folder: string;
let server: Server;
let source: string;
let answer: { status: number; body: unknown };
let asked: unknown[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-enrol-'));
  answer = { status: 200, body: { fleet: 'example', orgUid: UID, gateway: 'desk', root: ROOT.toString('base64') } };
  asked = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => {
      text += part.toString('utf8');
    });
    request.on('end', () => {
      asked.push({ path: request.url, body: JSON.parse(text) as unknown });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  source = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('a code is used once, its identity and root are pinned for the owner alone, and a second enrolment is refused', async () => {
  const identity = await enrol({ code: CODE, source, stateDir: folder });
  expect(asked).toEqual([
    {
      path: '/api/v1/gateway/enroll',
      body: {
        orgUid: UID,
        gateway: 'desk',
        code: encodeSecret(SECRET),
        publicKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    },
  ]);
  expect(readIdentity(folder)).toEqual({ identity, root: ROOT });
  expect(statSync(join(folder, 'identity.json')).mode & 0o777).toBe(0o600);
  await expect(enrol({ code: CODE, source, stateDir: folder })).rejects.toMatchObject({ code: 'ENROL_STATE_EXISTS' });
  expect(asked).toHaveLength(1);
});

test('each enrolment makes a key of its own, whose private half stays here, in files for the owner alone', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const identities = [
    await enrol({ code: CODE, source, stateDir: one }),
    await enrol({ code: CODE, source, stateDir: two }),
  ];
  const sent = asked.map((each) => (each as { body: { publicKey: string } }).body.publicKey);
  expect(new Set(sent).size).toBe(2);
  for (const [index, { privateKey, orgUid: org, gateway }] of identities.entries()) {
    const facts = { method: 'POST', path: '/x', body: ROOT, timeMs: 1, sequence: 1 };
    const headers: { readonly [name: string]: string } = requestSigner(privateKey, { org, gateway })(facts);
    const claim = readRequestHeaders((name) => headers[name]);
    if (!claim.ok) throw new Error(claim.detail);
    expect(verifyRequest(sent[index] ?? '', { ...facts, claim: claim.value }, 1).ok).toBe(true);
    expect(JSON.stringify(asked)).not.toContain(privateKey);
  }
  for (const name of ['identity.json', 'root.json']) expect(statSync(join(one, name)).mode & 0o777).toBe(0o600);
  expect(statSync(one).mode & 0o777).toBe(0o700);
});

test.each([
  ['ENROL_ROOT_MISMATCH', 200, { root: Buffer.from('other').toString('base64') }, 1],
  ['ENROL_IDENTITY_MISMATCH', 200, { gateway: 'other' }, 1],
  ['ENROL_IDENTITY_MISMATCH', 200, { fleet: 'other' }, 1],
  ['ENROL_IDENTITY_MISMATCH', 200, { orgUid: 'zzzzbbbbccccddddeeee' }, 1],
  ['ENROL_REFUSED', 200, { root: 7 }, 1],
  ['ENROL_REFUSED', 401, {}, 1],
  ['ENROL_UNREACHABLE', 503, {}, 69],
] as const)('%s (status %i) writes no identity', async (...[code, status, body, exitCode]) => {
  answer = { status, body: { ...(answer.body as object), ...body } };
  await expect(enrol({ code: CODE, source, stateDir: folder })).rejects.toMatchObject({ code, exitCode });
  expect(readdirSync(folder)).toEqual(['enrolment.json']);
});

test('a code whose answer was lost is used again with the same key; another code has another one', async () => {
  const { body } = answer;
  const sent = (): unknown => (asked.at(-1) as { body: { publicKey: string } }).body.publicKey;
  answer = { status: 502, body: {} };
  await expect(enrol({ code: CODE, source, stateDir: folder })).rejects.toMatchObject({ code: 'ENROL_UNREACHABLE' });
  expect(statSync(join(folder, 'enrolment.json')).mode & 0o777).toBe(0o600);
  const first = sent();
  const other = encodeEnrolmentCode({ ...CODE_FACTS, secret: new Uint8Array(32).fill(6) });
  await expect(enrol({ code: other, source, stateDir: join(folder, 'other') })).rejects.toThrow();
  expect(sent()).not.toBe(first);
  answer = { status: 200, body };
  const { privateKey } = await enrol({ code: ` ${CODE}\n`, source, stateDir: folder });
  expect(sent()).toBe(first);
  expect(readIdentity(folder).identity.privateKey).toBe(privateKey);
  expect(readdirSync(folder).sort()).toEqual(['identity.json', 'other', 'root.json']);
});

test('a folder that cannot be written to is refused before the code is used, and one that cannot be read is told', async () => {
  writeFileSync(join(folder, 'file'), '');
  const unusable = expect.objectContaining({ code: 'GATEWAY_STATE_UNUSABLE', exitCode: 69 });
  for (const stateDir of [join(folder, 'file'), join(folder, 'file/below')]) {
    await expect(enrol({ code: CODE, source, stateDir })).rejects.toEqual(unusable);
    expect(() => readIdentity(stateDir)).toThrow(unusable);
  }
  // A folder in the place of the file aside, as any other trouble with writing.
  const stateDir = join(folder, 'state');
  mkdirSync(join(stateDir, 'enrolment.json'), { recursive: true });
  await expect(enrol({ code: CODE, source, stateDir })).rejects.toEqual(unusable);
  expect(asked).toEqual([]);
});

test('a damaged code, an insecure source and a dead source are refused', async () => {
  await expect(enrol({ code: CODE.slice(0, -1), source, stateDir: folder })).rejects.toMatchObject({
    code: 'ENROL_CODE_INVALID',
  });
  for (const bad of ['http://control.example', 'ftp://127.0.0.1', 'nonsense', 'https://user@control.example']) {
    await expect(enrol({ code: CODE, source: bad, stateDir: folder })).rejects.toMatchObject({
      code: 'GATEWAY_ADDRESS_INVALID',
      exitCode: 64,
    });
  }
  await expect(enrol({ code: CODE, source: 'http://127.0.0.1:1', stateDir: folder })).rejects.toMatchObject({
    code: 'ENROL_UNREACHABLE',
  });
});

test('an answer that goes on is not read to its end', async () => {
  answer = { status: 200, body: { ...(answer.body as object), more: 'x'.repeat(1 << 20) } };
  await expect(enrol({ code: CODE, source, stateDir: folder })).rejects.toMatchObject({ code: 'ENROL_UNREACHABLE' });
  expect(existsSync(join(folder, 'identity.json'))).toBe(false);
});

test('what is no trouble of the disk is not called one', () => {
  const unsayable = { fleet: 1n } as unknown as PinnedIdentity;
  expect(() => writeIdentity(folder, unsayable, ROOT)).toThrow(TypeError);
});

test('a state folder without identity, without its root, or with another one, is refused', async () => {
  const invalid = expect.objectContaining({ code: 'GATEWAY_IDENTITY_INVALID' });
  expect(() => readIdentity(folder)).toThrow(invalid);
  expect(() => readIdentity(folder)).toThrow(/no identity.json/);
  await enrol({ code: CODE, source, stateDir: folder });
  rmSync(join(folder, 'root.json'));
  expect(() => readIdentity(folder)).toThrow(/no root.json/);
  writeFileSync(join(folder, 'root.json'), 'other');
  expect(() => readIdentity(folder)).toThrow(invalid);
  expect(() => readIdentity(folder)).toThrow(/another in root.json/);
});

test('an identity is whole and well-formed, or none', async () => {
  const whole = await enrol({ code: CODE, source, stateDir: folder });
  const { gateway: _, ...without } = whole;
  const others = [
    null,
    7,
    {},
    without,
    { ...whole, privateKey: 7 },
    { ...whole, orgUid: 'acme' },
    { ...whole, gateway: 'a/b' },
  ];
  for (const text of ['', '{', ...others.map((other) => JSON.stringify(other))]) {
    writeFileSync(join(folder, 'identity.json'), text);
    const read = (): unknown => readIdentity(folder);
    expect(read, text).toThrow(expect.objectContaining({ code: 'GATEWAY_IDENTITY_INVALID' }));
    expect(read, text).toThrow(/something else/);
  }
});

test('an identity is never written over another', async () => {
  const identity = await enrol({ code: CODE, source, stateDir: folder });
  const other = { ...identity, gateway: 'other' };
  expect(() => writeIdentity(folder, other, ROOT)).toThrow(expect.objectContaining({ code: 'ENROL_STATE_EXISTS' }));
  expect(readIdentity(folder).identity).toEqual(identity);
});

test('sequences only rise, over restarts too; cursors stay', () => {
  const first = openSequences(folder);
  const used = [first.next(), first.next()];
  const second = openSequences(folder);
  expect(second.next()).toBeGreaterThan(Math.max(...used));
  const cursor = openShippedCursor(folder);
  expect(cursor.read()).toEqual({ sequence: 0, hash: '0'.repeat(64) });
  const line = { sequence: 7, hash: nodeHash.sha256('line 7') };
  cursor.write(line);
  cursor.flush();
  expect(openShippedCursor(folder).read()).toEqual(line);
});
