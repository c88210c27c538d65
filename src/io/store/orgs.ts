import type { OrgSlug } from '../../core/model/index.ts';
import type { OrgStore, OrgTransaction } from '../../ports/index.ts';
import { type Connection, type Lifetime, lifetime } from './connection.ts';
import { putReleases, readContent } from './contents.ts';
import {
  overridePage,
  putOverride,
  putRollout,
  readActiveOverrides,
  readDelivery,
  rolloutPage,
  unpublishedOrgs,
  unsettledOrgs,
} from './deliveries.ts';
import { allHeads, allocateGeneration, deleteHead, highestGeneration, putHead } from './heads.ts';
import { appendHistory, firstBrokenLink, historyPage } from './history.ts';
import { acquireLease, releaseLease, requireFence } from './leases.ts';
import { addPolicyVersion, policyVersionPage } from './lineages.ts';
import { deleteObject, observeOrg, putObject } from './objects.ts';
import { readPublication, readPublishedGenerations, writePublication } from './publications.ts';

/** Desired state, history and publications on SQLite. */
export function orgStore(connection: Connection): OrgStore {
  const { sql, hash } = connection;
  return {
    heads: () => connection.read(() => allHeads(sql)),
    observe: (org) => connection.snapshot(() => observeOrg(sql, org)),
    publication: (org) => connection.snapshot(() => readPublication(sql, org)),
    publishedGenerations: () => connection.read(() => readPublishedGenerations(sql)),
    unpublished: () => connection.read(() => unpublishedOrgs(sql)),
    unsettled: () => connection.read(() => unsettledOrgs(sql)),
    delivery: (org) => connection.snapshot(() => readDelivery(sql, org)),
    activeOverrides: (org) => connection.snapshot(() => readActiveOverrides(sql, org)),
    content: (org, gateway, digest) => connection.snapshot(() => readContent(sql, org, gateway, digest)),
    rollouts: (org, page) => connection.snapshot(() => rolloutPage(sql, org, page)),
    overrides: (org, page) => connection.snapshot(() => overridePage(sql, org, page)),
    history: (org, page) => connection.read(() => historyPage(sql, org, page)),
    verifyHistory: (org) => connection.read(() => firstBrokenLink(sql, hash, org)),
    policyVersions: (org, page) => connection.snapshot(() => policyVersionPage(sql, org, page)),
    transact: (org, work, under) =>
      connection.write(async () => {
        if (under !== undefined) requireFence(sql, under);
        const life = lifetime();
        try {
          return await work(orgTransaction(connection, org, life));
        } finally {
          life.end();
        }
      }),
    acquireLease: (name, holder, nowMs, ttlMs) =>
      connection.write(() => acquireLease(sql, { name, holder, nowMs, ttlMs })),
    releaseLease: (name, holder) => connection.write(() => releaseLease(sql, name, holder)),
    close: () => connection.close(),
  };
}

function orgTransaction({ sql, hash }: Connection, org: OrgSlug, { during }: Lifetime): OrgTransaction {
  return {
    observe: () => during(() => observeOrg(sql, org)),
    putObject: (object, generation) => during(() => putObject(sql, org, object, generation)),
    deleteObject: (id) => during(() => deleteObject(sql, org, id)),
    highestGeneration: (uid) => during(() => highestGeneration(sql, org, uid)),
    putHead: (head) => during(() => putHead(sql, org, head)),
    deleteHead: () => during(() => deleteHead(sql, org)),
    appendHistory: (entry) => during(() => appendHistory(sql, hash, org, entry)),
    addPolicyVersion: (version) => during(() => addPolicyVersion(sql, org, version)),
    publication: () => during(() => readPublication(sql, org)),
    putPublication: (publication) => during(() => writePublication(sql, org, publication)),
    delivery: () => during(() => readDelivery(sql, org)),
    allocateGeneration: (above) => during(() => allocateGeneration(sql, org, above)),
    putRollout: (rollout) => during(() => putRollout(sql, org, rollout)),
    putOverride: (override) => during(() => putOverride(sql, org, override)),
    putReleases: (generation, releases) => during(() => putReleases(sql, org, generation, releases)),
  };
}
