// Texts, files and exceptions.

import { RETIRED_UID } from '../shared.ts';
import { type Fault, input, nowhere, organization, PRICES, waiver } from './fault.ts';

/** Texts, files and exceptions. */
export const texts: readonly Fault[] = [
  {
    code: 'ISO_I12_LITERAL_SECRET',
    plant: ({ own, pick }) => {
      const key = `AKI${'A'}Q7ZP2LXV9MKT4RW8`;
      const file = pick(['org.yaml', 'credentials.yaml']);
      own.append(file, `# was ${key}\n`);
      return { file: `orgs/${own.org.slug}/${file}`, holds: key };
    },
  },
  {
    code: 'ISO_I42_SHARED_HOLDS_IDENTITY',
    plant: nowhere,
    shared: { file: PRICES, edit: ({ uid }, text) => text.replace('Made up', `Made for ${uid}`) },
  },
  {
    code: 'ISO_I42_SHARED_HOLDS_NAME',
    plant: nowhere,
    shared: { file: PRICES, edit: ({ displayName }, text) => text.replace('Made up', `Made for ${displayName}`) },
  },
  {
    code: 'ISO_I54_UNSAFE_WORKFLOW',
    plant: nowhere,
    shared: {
      file: '.github/workflows/welcome.yml',
      edit: ({ slug }) =>
        `on: [pull_request_target]\njobs:\n  hello:\n    env:\n      KEY: \${{ secrets.KEY_OF_${slug.toUpperCase()} }}\n`,
    },
  },
  {
    code: 'ISO_I43_IDENTITY_OF_ANOTHER_ORG',
    plant: input((inputs, { other, pick }) => {
      const value = pick([other.org.uid, other.org.domain, `acct-${other.org.code}-staging`]);
      const text = pick([value, Buffer.from(value).toString('base64'), value.toUpperCase()]);
      inputs.confidential.terms.push(text);
      return text;
    }),
  },
  {
    code: 'ISO_I43_NAME_OF_ANOTHER_ORG',
    plant: input((inputs, { other }) => {
      inputs.confidential.terms.push(`as ${other.org.displayName}`);
      return other.org.displayName;
    }),
  },
  {
    code: 'ISO_I47_ODD_MODE',
    plant: ({ own }) => {
      own.write('custom/link.yaml', { text: '../../other', mode: '120000' });
      return { file: `orgs/${own.org.slug}/custom/link.yaml`, holds: '../../other' };
    },
  },
  {
    code: 'ISO_I47_ODD_PATH',
    plant: ({ own }) => {
      own.write('custom/aux.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/custom/aux.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I47_CASE_COLLISION',
    plant: ({ own }) => {
      own.write('Overlays/a.txt', { text: 'x' });
      own.write('overlays/a.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/Overlays/a.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I48_UNKNOWN_FILE',
    plant: ({ own }) => {
      own.write('notes.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/notes.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I55_RETIRED_ORG_REUSED',
    also: ['ISO_I42_SHARED_HOLDS_IDENTITY'],
    plant: (planting) => {
      organization((spec) => {
        spec.uid = RETIRED_UID;
        return RETIRED_UID;
      })(planting);
      return { file: 'fleet.yaml', holds: RETIRED_UID };
    },
  },
  { code: 'ISO_I60_WAIVER_EXPIRED', plant: waiver({ expires: '2026-11-30T00:00:00Z' }) },
  { code: 'ISO_I60_WAIVER_TOO_WIDE', plant: waiver({ code: 'ISO_I08_SHARED_SECRET_REF' }) },
  { code: 'ISO_I60_WAIVER_APPROVER', plant: waiver({ approvers: ['@nobody/atall'] }) },
  {
    code: 'ISO_I60_WAIVER_SELF_APPROVED',
    also: ['ISO_I60_WAIVER_APPROVER'],
    plant: (planting) => ({ ...waiver({ approvers: ['@msp/operators'] })(planting), holds: '@msp/operators' }),
  },
  { code: 'WAIVER_ENDS_SOON', plant: waiver({ expires: '2026-12-10T00:00:00Z' }) },
  {
    code: 'REVIEW_CHANNEL',
    plant: ({ own }) => ({
      file: own.manifest('custom', 'Review', {
        name: 'extra',
        spec: {
          queue: 'extra',
          reviewers: { teams: ['platform'] },
          slaMinutes: 60,
          notifications: [{ kind: 'webhook', to: `https://hooks.${own.org.slug}.example/extra` }],
          onTimeout: 'deny',
        },
      }),
      holds: '/extra',
    }),
  },
  {
    code: 'REVIEW_SECOND',
    plant: ({ own }) => ({
      file: own.manifest('custom', 'Review', {
        name: 'second',
        spec: {
          queue: 'second',
          reviewers: { teams: ['platform'] },
          slaMinutes: 60,
          notifications: [
            { kind: 'webhook', to: `https://hooks.${own.org.slug}.example/second`, secretEnv: 'WEBHOOK_SECOND' },
          ],
          onTimeout: 'deny',
        },
      }),
      holds: 'queue: second',
    }),
  },
  {
    code: 'REVIEW_UNSTAFFED',
    plant: ({ own }) => {
      const nobody = { displayName: 'Empty', leads: [], members: [] };
      own.manifest('custom', 'Team', { name: 'empty', spec: nobody });
      return {
        file: own.manifest('custom', 'Review', {
          name: 'extra',
          spec: {
            queue: 'extra',
            reviewers: { teams: ['empty'] },
            slaMinutes: 60,
            notifications: [],
            onTimeout: 'deny',
          },
        }),
        holds: '- empty',
      };
    },
  },
];
