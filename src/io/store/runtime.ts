import type { RuntimeStore } from '../../ports/index.ts';
import { bookAdjustment, bookedAdjustment } from './adjustments.ts';
import type { Connection } from './connection.ts';
import { crossingsOf } from './crossings.ts';
import {
  allGateways,
  gatewayOf,
  judgeEnrolmentCode,
  putEnrolmentCode,
  redeemEnrolmentCode,
  revokeGateway,
} from './enrolment.ts';
import {
  anyOverdue,
  escalationLog,
  escalationPage,
  escalationRow,
  escalationSteps,
  expireEscalations,
  moveEscalation,
  overdueOrgs,
  releaseClaims,
  staleClaims,
} from './escalations.ts';
import { allChains, eventPage, evidenceEnd, linePage } from './events.ts';
import { forgetEscalations, forgettableOrgs } from './forgotten-escalations.ts';
import { allAcks, allEnrolments } from './inbox.ts';
import { allBalances, ledgerPage } from './ledger.ts';
import { dueNotifications, endNotification, notificationStates } from './notifications.ts';
import { answerOnce } from './once.ts';
import { allocateTimestamp } from './publications.ts';
import { allRefusals, noteRefusal } from './refusals.ts';
import { anyRunOut, expireSlices } from './slices.ts';
import { allTraffic } from './traffic.ts';

/** Run-time rows on SQLite. */
export function runtimeStore(connection: Connection): RuntimeStore {
  const { sql } = connection;
  return {
    putEnrolmentCode: (org, code) => connection.write(() => putEnrolmentCode(sql, org, code)),
    judgeEnrolmentCode: (org, use) => connection.snapshot(() => judgeEnrolmentCode(sql, org, use)),
    redeemEnrolmentCode: (org, use) => connection.write(() => redeemEnrolmentCode(sql, org, use)),
    gateways: (org) => connection.read(() => allGateways(sql, org)),
    gateway: (org, name) => connection.read(() => gatewayOf(sql, org, name)),
    revokeGateway: (org, name, nowMs) => connection.write(() => revokeGateway(sql, org, name, nowMs)),
    once: (org, key, answer) => connection.write(() => answerOnce(connection, org, key, answer)),
    enrolments: (org) => connection.snapshot(() => allEnrolments(sql, org)),
    noteRefusal: (org, gateway, refusal) => connection.write(() => noteRefusal(sql, org, gateway, refusal)),
    refusals: (org) => connection.snapshot(() => allRefusals(sql, org)),
    acks: (org) => connection.read(() => allAcks(sql, org)),
    traffic: (org) => connection.read(() => allTraffic(sql, org)),
    events: (org, page) => connection.read(() => eventPage(sql, org, page)),
    chains: (org) => connection.read(() => allChains(sql, org)),
    lines: (org, page) => connection.read(() => linePage(sql, org, page)),
    evidenceEnd: (org) => connection.read(() => evidenceEnd(sql, org)),
    escalations: (org, page, state) => connection.snapshot(() => escalationPage(sql, org, page, state)),
    escalation: (org, id) =>
      connection.snapshot(() => {
        const row = escalationRow(sql, org, id);
        if (row === undefined) return undefined;
        return { row, log: escalationSteps(sql, org, id), notifications: notificationStates(sql, org, id) };
      }),
    escalationLog: (org, page) => connection.read(() => escalationLog(sql, org, page)),
    moveEscalation: (org, move) => connection.write(() => moveEscalation(sql, org, move)),
    releaseClaims: async (org, by) => {
      const stale = await connection.read(() => staleClaims(sql, org, by.reviewers));
      return stale.length > 0 ? connection.write(() => releaseClaims(sql, org, by)) : [];
    },
    expireEscalations: async (org, nowMs) => {
      const expired: string[] = [];
      while (await connection.read(() => anyOverdue(sql, org, nowMs)))
        expired.push(...(await connection.write(() => expireEscalations(sql, org, nowMs))));
      return expired;
    },
    overdueEscalations: (nowMs) => connection.read(() => overdueOrgs(sql, nowMs)),
    forgettableEscalations: (untilMs) => connection.read(() => forgettableOrgs(sql, untilMs)),
    forgetEscalations: (org, untilMs) => connection.write(() => forgetEscalations(sql, org, untilMs)),
    dueNotifications: (nowMs, limit) =>
      connection.snapshot(() => dueNotifications(sql, { nowMs, limit }, (org, id) => escalationRow(sql, org, id))),
    endNotification: (org, which, end) => connection.write(() => endNotification(sql, org, which, end)),
    balances: (org) => connection.read(() => allBalances(sql, org)),
    ledger: (org, page) => connection.read(() => ledgerPage(sql, org, page)),
    crossings: (org, of) => connection.read(() => crossingsOf(sql, org, of)),
    adjustment: (org, id) => connection.read(() => bookedAdjustment(sql, org, id)),
    adjust: (org, adjustment) => connection.write(() => bookAdjustment(sql, org, adjustment)),
    expireSlices: async (org, nowMs) => {
      const any = await connection.read(() => anyRunOut(sql, org, nowMs));
      return any ? connection.write(() => expireSlices(sql, org, nowMs)) : { expired: [], crossed: [] };
    },
    nextTimestamp: (org, nowMs) => connection.write(() => allocateTimestamp(sql, org, nowMs)),
  };
}
