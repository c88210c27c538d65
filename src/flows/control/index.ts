// Promise: what the control plane answers to gateways, tenants and the platform team.
// Input: requests as bytes and headers, the stores. Output: answers with a status.
// Invariants: identity first; org from the credential, never from the body; bodies are decoded closed.
export { type AdjustAsk, adjustAsk, adjustWallet, wrongAdjustment } from './adjust.ts';
export * from './authenticate.ts';
export * from './bundle-path.ts';
export * from './bundles.ts';
export * from './context.ts';
export { escalationAnswer } from './escalate.ts';
export * from './escalations.ts';
export { firstRoot } from './first-root.ts';
export * from './fleet.ts';
export { forgetEscalations } from './forget.ts';
export * from './gateway.ts';

export { type NotifyReport, notifyReviewers } from './notify.ts';
export * from './operate.ts';
export type { PageAsk, PageOf } from './page.ts';
export * from './parcel.ts';
export { type Silence, watchSilence } from './silence.ts';
export * from './tenant.ts';
export * from './visitors.ts';
export { expireLeases, leaseWallet, settleWallets } from './wallets.ts';
