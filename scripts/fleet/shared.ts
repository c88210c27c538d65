// What all orgs of a synthetic fleet share: fleet.yaml, the price book and the templates.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { emit } from '../../src/core/kinds/index.ts';
import type { RepoPath } from '../../src/core/model/index.ts';
import type { FleetFile } from './render.ts';

/** The uid of an org that every synthetic fleet lists as retired. */
export const RETIRED_UID = 'retired0000000000000';

const ROOT = join(import.meta.dirname, '../..');

/** The repository's own templates, at the paths that they have in any fleet. */
const templateFiles = (): readonly FleetFile[] =>
  readdirSync(join(ROOT, 'templates'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    // What a listing of a folder gives is below it.
    .map((path) => ({ path: path as RepoPath, text: readFileSync(join(ROOT, path), 'utf8') }));

const fleet = (controlPlane: string): string =>
  emit({
    apiVersion: 'tenantry/v1',
    kind: 'Fleet',
    metadata: { name: 'synthetic' },
    spec: {
      displayName: 'Synthetic fleet',
      renderVersion: 1,
      owners: { platform: ['@msp/platform'] },
      staff: [{ address: 'group:msp-operations', displayName: 'Operations of the provider' }],
      store: { driver: 'sqlite', path: '.tenantry/store.db' },
      publisher: { driver: 'files', path: '.tenantry/bundles' },
      controlPlane: { listen: controlPlane, url: `http://${controlPlane}` },
      rings: [
        { name: 'canary', soakMinutes: 30 },
        { name: 'general', soakMinutes: 60 },
      ],
      limits: { changedOrgsPercent: 10, changedOrgsCount: 100, deletedObjectsPercent: 20, deletedObjectsCount: 5 },
      onExpired: 'block',
      prices: 'list',
      runtimes: { tested: ['0.1.0'], refused: ['0.0.9'] },
      retiredOrgs: [{ uid: RETIRED_UID, org: 'retired-customer', retired: '2026-01-01T00:00:00Z' }],
    },
  });

const prices = (): string =>
  emit({
    apiVersion: 'tenantry/v1',
    kind: 'PriceBook',
    metadata: { name: 'list' },
    spec: {
      currency: 'USD',
      source: 'Made up for synthetic fleets',
      entries: ['gpt-4o', 'gpt-4o-mini'].map((model, index) => ({
        model,
        from: '2026-01-01T00:00:00Z',
        inputPerMillion: index === 0 ? '2.30' : '0.14',
        outputPerMillion: index === 0 ? '9.20' : '0.56',
      })),
    },
  });

/** The shared files of a fleet whose control plane listens on `controlPlane` (host:port). */
export const sharedFiles = (controlPlane: string): readonly FleetFile[] => [
  { path: 'fleet.yaml' as RepoPath, text: fleet(controlPlane) },
  { path: 'prices/list.yaml' as RepoPath, text: prices() },
  { path: '.gitignore' as RepoPath, text: '.tenantry/\n' },
  ...templateFiles(),
];
