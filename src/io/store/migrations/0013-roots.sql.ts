import type { Migration } from '../migrate.ts';

/**
 * The roots of each org, by version, and until when targets and snapshot hold. Of what was published before, the lives say
 * when that is: 30 days and 7. Roots are learned at the next signature; until then there are no codes for gateways.
 */
export const roots: Migration = {
  number: 13,
  name: 'roots',
  sql: `
UPDATE publications SET document = json_set(document,
  '$.roots', json('{}'),
  '$.meta.targets.expiresAt', json_extract(document, '$.signedAt.targets') + 2592000000,
  '$.meta.snapshot.expiresAt', json_extract(document, '$.signedAt.snapshot') + 604800000);
`,
};
