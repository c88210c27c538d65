// Generated from src/core/kinds/schemas by `npm run generate`. Do not edit.

import type { Approval, Conflict, Credentials, Fleet, Gateway, Organization, Overlay, Pin, Policy, PriceBook, Review, Team, Template, Token, Waiver, Wallet } from '../../model/generated/index.ts';

/** One thing that is wrong. It never holds the value itself, which may be a secret. */
export interface ValidationError {
  readonly keyword: string;
  /** JSON pointer into the data. */
  readonly instancePath: string;
  /** JSON pointer into the schema. */
  readonly schemaPath: string;
  readonly params: { readonly [name: string]: unknown };
  readonly propertyName?: string;
  readonly message?: string;
}

/** Is it valid? If not, `errors` holds all that is wrong, until the next call. */
export interface Validate<Type> {
  (data: unknown): data is Type;
  readonly errors?: readonly ValidationError[] | null;
}

export declare const validateApproval: Validate<Approval>;
export declare const validateConflict: Validate<Conflict>;
export declare const validateCredentials: Validate<Credentials>;
export declare const validateFleet: Validate<Fleet>;
export declare const validateGateway: Validate<Gateway>;
export declare const validateOrganization: Validate<Organization>;
export declare const validateOverlay: Validate<Overlay>;
export declare const validatePin: Validate<Pin>;
export declare const validatePolicy: Validate<Policy>;
export declare const validatePriceBook: Validate<PriceBook>;
export declare const validateReview: Validate<Review>;
export declare const validateTeam: Validate<Team>;
export declare const validateTemplate: Validate<Template>;
export declare const validateToken: Validate<Token>;
export declare const validateWaiver: Validate<Waiver>;
export declare const validateWallet: Validate<Wallet>;

/** Every validator by the kind that people write. */
export declare const validators: {
  readonly "Approval": Validate<Approval>;
  readonly "Conflict": Validate<Conflict>;
  readonly "Credentials": Validate<Credentials>;
  readonly "Fleet": Validate<Fleet>;
  readonly "Gateway": Validate<Gateway>;
  readonly "Organization": Validate<Organization>;
  readonly "Overlay": Validate<Overlay>;
  readonly "Pin": Validate<Pin>;
  readonly "Policy": Validate<Policy>;
  readonly "PriceBook": Validate<PriceBook>;
  readonly "Review": Validate<Review>;
  readonly "Team": Validate<Team>;
  readonly "Template": Validate<Template>;
  readonly "Token": Validate<Token>;
  readonly "Waiver": Validate<Waiver>;
  readonly "Wallet": Validate<Wallet>;
};
