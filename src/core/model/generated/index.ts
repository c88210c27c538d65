// Generated from src/core/kinds/schemas by `npm run generate`. Do not edit.

import type { Approval } from './Approval.ts';
import type { Conflict } from './Conflict.ts';
import type { Credentials } from './Credentials.ts';
import type { Fleet } from './Fleet.ts';
import type { Gateway } from './Gateway.ts';
import type { Organization } from './Organization.ts';
import type { Overlay } from './Overlay.ts';
import type { Pin } from './Pin.ts';
import type { Policy } from './Policy.ts';
import type { PriceBook } from './PriceBook.ts';
import type { Review } from './Review.ts';
import type { Team } from './Team.ts';
import type { Template } from './Template.ts';
import type { Token } from './Token.ts';
import type { Waiver } from './Waiver.ts';
import type { Wallet } from './Wallet.ts';

export type * from './common.ts';
export type * from './Approval.ts';
export type * from './Conflict.ts';
export type * from './Credentials.ts';
export type * from './Fleet.ts';
export type * from './Gateway.ts';
export type * from './Organization.ts';
export type * from './Overlay.ts';
export type * from './Pin.ts';
export type * from './Policy.ts';
export type * from './PriceBook.ts';
export type * from './Review.ts';
export type * from './Team.ts';
export type * from './Template.ts';
export type * from './Token.ts';
export type * from './Waiver.ts';
export type * from './Wallet.ts';

/** The type of each manifest kind, by its name. */
export interface ManifestByKind {
  readonly Approval: Approval;
  readonly Conflict: Conflict;
  readonly Credentials: Credentials;
  readonly Fleet: Fleet;
  readonly Gateway: Gateway;
  readonly Organization: Organization;
  readonly Overlay: Overlay;
  readonly Pin: Pin;
  readonly Policy: Policy;
  readonly PriceBook: PriceBook;
  readonly Review: Review;
  readonly Team: Team;
  readonly Template: Template;
  readonly Token: Token;
  readonly Waiver: Waiver;
  readonly Wallet: Wallet;
}
