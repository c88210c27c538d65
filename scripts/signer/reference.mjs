#!/usr/bin/env node
// A program that signs, as fleet.yaml may name one (`signer: { driver: command, program: reference.mjs }`). It shows the
// protocol of docs/keys.md and stands where a client of a KMS or HSM would: one JSON object on standard input, one on standard
// output. Its keys are Ed25519 keys by name, one file of mode 0600 each in the folder that REFERENCE_SIGNER_KEYS names, made when
// they are first asked for. It holds no root keys: it is for the machine of the controller.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PROTOCOL = 'tenantry/signer/v1';
const MOST_REQUEST_BYTES = 4 << 20;
const KEY = /^(?:pool|org\/[a-z0-9]{20})\/(root|targets|snapshot|timestamp)\/[1-9][0-9]{0,8}$/;
const PUBLIC_KEY_BYTES = 32;

function readRequest() {
  const bytes = readFileSync(0);
  if (bytes.length > MOST_REQUEST_BYTES) throw new Error('the request is too long');
  const request = JSON.parse(bytes.toString('utf8'));
  if (request.protocol !== PROTOCOL || !KEY.test(request.key)) throw new Error('not a request of this protocol');
  return request;
}

function privateKey(folder, key) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${key.replaceAll('/', '.')}.pem`);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) makeKey(path);
  if ((lstatSync(path).mode & 0o077) !== 0) throw new Error('the key can be read by others');
  return createPrivateKey(readFileSync(path));
}

// Written aside and linked: of two processes that make the same key at once, one wins and both use it.
function makeKey(path) {
  const aside = `${path}.${process.pid}`;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
  writeFileSync(aside, pem, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}

function answer({ operation, key, message }) {
  if (KEY.exec(key)?.[1] === 'root') return { missing: true };
  const folder = process.env.REFERENCE_SIGNER_KEYS;
  if (folder === undefined) throw new Error('REFERENCE_SIGNER_KEYS names no folder');
  const held = privateKey(folder, key);
  if (operation === 'sign') return { signature: sign(null, Buffer.from(message, 'base64'), held).toString('hex') };
  if (operation !== 'public-key') throw new Error('not an operation of this protocol');
  const spki = createPublicKey(held).export({ format: 'der', type: 'spki' });
  return { publicKey: spki.subarray(-PUBLIC_KEY_BYTES).toString('hex') };
}

writeSync(1, `${JSON.stringify(answer(readRequest()))}\n`);
