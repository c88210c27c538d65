import { hash } from 'node:crypto';
import type { GitId, Hash, Sha256Hex } from '../core/model/index.ts';

/** SHA-256 and git blob ids by Node's own crypto. */
export const nodeHash: Hash = {
  sha256: (data) => hash('sha256', data, 'hex') as Sha256Hex,
  gitBlobId: (text) => hash('sha1', `blob ${Buffer.byteLength(text)}\0${text}`, 'hex') as GitId,
};
