import type { RuntimeStore } from '../../ports/index.ts';
import { bookAdjustment } from './adjustments.ts';
import type { Connection } from './connection.ts';
import { crossingPage } from './crossings.ts';
import { allGateways, gatewayOf, putEnrolmentCode, redeemEnrolmentCode, revokeGateway } from './enrolment.ts';
import { eventPage, linePage } from './events.ts';
import { allAcks, escalationPage } from './inbox.ts';
import { allBalances, ledgerPage } from './ledger.ts';
import { answerOnce } from './once.ts';
import { allocateTimestamp } from './publications.ts';
import { anyRunOut, expireSlices } from './slices.ts';
import { allTraffic } from './traffic.ts';

/** Run-time rows on SQLite. */
export function runtimeStore(connection: Connection): RuntimeStore {
  const { sql } = connection;
  return {
    putEnrolmentCode: (org, code) => connection.write(() => putEnrolmentCode(sql, org, code)),
    redeemEnrolmentCode: (org, use) => connection.write(() => redeemEnrolmentCode(sql, org, use)),
    gateways: (org) => connection.read(() => allGateways(sql, org)),
    gateway: (org, name) => connection.read(() => gatewayOf(sql, org, name)),
    revokeGateway: (org, name, nowMs) => connection.write(() => revokeGateway(sql, org, name, nowMs)),
    once: (org, key, answer) => connection.write(() => answerOnce(connection, org, key, answer)),
    acks: (org) => connection.read(() => allAcks(sql, org)),
    traffic: (org) => connection.read(() => allTraffic(sql, org)),
    events: (org, page) => connection.read(() => eventPage(sql, org, page)),
    lines: (org, page) => connection.read(() => linePage(sql, org, page)),
    escalations: (org, page) => connection.snapshot(() => escalationPage(sql, org, page)),
    balances: (org) => connection.read(() => allBalances(sql, org)),
    ledger: (org, page) => connection.read(() => ledgerPage(sql, org, page)),
    crossings: (org, page) => connection.read(() => crossingPage(sql, org, page)),
    adjust: (org, adjustment) => connection.write(() => bookAdjustment(sql, org, adjustment)),
    expireSlices: async (org, nowMs) => {
      const any = await connection.read(() => anyRunOut(sql, org, nowMs));
      return any ? connection.write(() => expireSlices(sql, org, nowMs)) : [];
    },
    nextTimestamp: (org, nowMs) => connection.write(() => allocateTimestamp(sql, org, nowMs)),
  };
}
