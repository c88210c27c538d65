import type { CommandSpec } from '../spec.ts';
import { evidence } from './evidence.ts';
import { forge } from './forge.ts';
import { gateways } from './gateways.ts';
import { keys } from './keys.ts';
import { repository } from './repository.ts';
import { state } from './state.ts';

/** Every command of the contract that stands, in the order in which `--help` lists them. */
export const COMMANDS: readonly CommandSpec[] = [...repository, ...state, ...keys, ...gateways, ...evidence, ...forge];

/** What the commands that begin with one word are about; `--help` lists their second words behind it. */
export const GROUPS: { readonly [word: string]: string } = {
  org: 'Customers of this repository',
  template: 'Versions of templates, and who runs them',
  waiver: 'Findings that somebody accepted',
  token: 'Secrets of machine access',
  keys: 'Seeds and signing keys',
  gateway: 'Identities of gateways',
  rollout: 'Rings of a change, and what an operator says to them',
  override: 'Denials and rollbacks that hold beside the repository',
  events: 'Decisions of gateways, and the proof of them',
  escalations: 'What waits for reviewers of an org',
  wallet: 'Budgets, spending and chargeback',
  pr: 'Pull requests, in CI',
  forge: 'Issues on the forge',
};
