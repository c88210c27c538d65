// What every driver of OrgStore and RuntimeStore must pass. A new driver's test calls both with its own `open`.
import { deliveryContract } from './contract-delivery.testkit.ts';
import { enrolmentContract } from './contract-enrolment.testkit.ts';
import { escalationsContract } from './contract-escalations.testkit.ts';
import { evidenceContract } from './contract-evidence.testkit.ts';
import { forgottenContract } from './contract-forgotten.testkit.ts';
import { isolationContract } from './contract-isolation.testkit.ts';
import { orgsContract } from './contract-orgs.testkit.ts';
import { publicationContract } from './contract-publication.testkit.ts';
import { transactionContract } from './contract-transaction.testkit.ts';
import { walletContract } from './contract-wallet.testkit.ts';
import type { OpenStore } from './worlds.testkit.ts';

/** Desired state, history, publications, transactions, leases, and the walls between orgs. */
export function orgStoreContract(open: OpenStore): void {
  orgsContract(open);
  publicationContract(open);
  deliveryContract(open);
  transactionContract(open);
  isolationContract(open);
}

/** Enrolment, requests answered once, evidence, escalations, wallets. */
export function runtimeStoreContract(open: OpenStore): void {
  enrolmentContract(open);
  evidenceContract(open);
  escalationsContract(open);
  forgottenContract(open);
  walletContract(open);
}
