// Generated from the $defs that several kinds use by `npm run generate`. Do not edit.

/**
 * A person by mail address, or an SSO group as group:<name>
 */
export type Address = string;

/**
 * Any value
 */
export type AnyValue = (null | boolean | number | string | readonly unknown[] | {
  readonly [k: string]: unknown;
});

/**
 * A currency by its three capital letters (ISO 4217)
 */
export type Currency = string;

/**
 * A SHA-256 digest: 64 lower-case hex digits
 */
export type Digest = string;

/**
 * A domain name in lower case without a trailing dot
 */
export type Domain = string;

/**
 * What identifies the object
 */
export interface EnvironmentMetadata {
  /**
   * The org that owns the object; the directory under orgs/
   */
  readonly org: Name;
  /**
   * The environment; the directory that the file is in
   */
  readonly environment: Name;
  /**
   * The object's name; the file's name
   */
  readonly name: Name;
  readonly labels?: Labels;
}

/**
 * What identifies the object
 */
export interface FleetMetadata {
  /**
   * The object's name
   */
  readonly name: Name;
  readonly labels?: Labels;
}

/**
 * A user or a team on the forge, with its @
 */
export type Handle = string;

/**
 * A day that the calendar has and a time, in UTC to the second (RFC 3339)
 */
export type Instant = string;

/**
 * A manifest kind that templates generate
 */
export type KindName = ("Team" | "Token" | "Wallet" | "Policy" | "Gateway" | "Review");

/**
 * Free labels for selecting and grouping
 */
export interface Labels {
  readonly [k: string]: string;
}

/**
 * An address and a port of 1 to 65535 to listen on: IPv4, or IPv6 in brackets
 */
export type Listen = string;

/**
 * A model by the name that the provider gives it
 */
export type ModelName = string;

/**
 * An amount of money as a decimal string with at most six decimals
 */
export type Money = string;

/**
 * A name: lower-case letters, digits and inner hyphens, at most 63 characters
 */
export type Name = string;

/**
 * What identifies the object
 */
export interface OrgMetadata {
  /**
   * The org that owns the object; the directory under orgs/
   */
  readonly org: Name;
  /**
   * The object's name; the file's name
   */
  readonly name: Name;
  readonly labels?: Labels;
}

/**
 * What may be asked at most, counted by each gateway process for itself
 */
export interface RateLimits {
  /**
   * Requests in a minute
   */
  readonly requestsPerMinute?: number;
  /**
   * Tokens of prompts and answers in a minute
   */
  readonly tokensPerMinute?: number;
  /**
   * Requests at the same time
   */
  readonly concurrentRequests?: number;
}

/**
 * Why, in a sentence that an auditor understands
 */
export type Reason = string;

/**
 * A region by the name that the fleet uses for it
 */
export type Region = string;

/**
 * A name as people read it
 */
export type ShownName = string;

/**
 * A template and its version, as name@version
 */
export type TemplateVersion = string;

/**
 * The public part of one token secret
 */
export type TokenId = string;

/**
 * The random identity of an org: 20 characters of a-z and 0-9, minted once and never reused
 */
export type Uid = string;

/**
 * A URL with https (http on loopback only)
 */
export type Url = string;

/**
 * A version of three numbers
 */
export type Version = string;
