import { createHash, hash } from 'node:crypto';
import type { GitId, Hash, Sha256Hex } from '../core/model/index.ts';

/** SHA-256 and git blob ids by Node's own crypto. */
export const nodeHash: Hash = {
  sha256: (data) => hash('sha256', data, 'hex') as Sha256Hex,
  gitBlobId: (text) => {
    const bytes = Buffer.from(text, 'utf8');
    return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex') as GitId;
  },
};
