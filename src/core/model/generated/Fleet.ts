// Generated from src/core/kinds/schemas/Fleet.schema.json by `npm run generate`. Do not edit.

import type { Address, Digest, FleetMetadata, Handle, Instant, Labels, Listen, Name, Reason, Region, ShownName, TokenId, Uid, Url, Version } from './common.ts';

/**
 * The whole repository: who runs it, where state and bundles live, how far one change may reach.
 */
export interface Fleet {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Fleet";
  readonly metadata: FleetMetadata;
  /**
   * The settings of the fleet
   */
  readonly spec: {
    readonly displayName: ShownName;
    /**
     * Which renderer makes the generated manifests
     */
    readonly renderVersion: number;
    /**
     * Who owns what in this repository
     */
    readonly owners: {
      /**
       * The platform team on the forge
       */
      readonly platform: readonly Handle[];
    };
    /**
     * SSH keys with which platform owners sign the commits that bring approvals
     *
     * Items: One public key
     */
    readonly signingKeys?: readonly {
      /**
       * The key's name in this file
       */
      readonly id: Name;
      /**
       * The public key as ssh-keygen prints it, without a comment
       */
      readonly key: string;
      /**
       * Whose key it is
       */
      readonly owner: Handle;
    }[];
    /**
     * Staff of the service provider: people who may appear in more than one org
     *
     * Items: One person or group
     */
    readonly staff?: readonly {
      readonly address: Address;
      readonly displayName: ShownName;
    }[];
    /**
     * Credentials of the fleet scope of the control plane, as digests
     *
     * Items: One credential
     */
    readonly staffTokens?: readonly {
      readonly id: TokenId;
      /**
       * Digest of the secret; never the secret
       */
      readonly digest: Digest;
      /**
       * When it stops working
       */
      readonly notAfter: Instant;
    }[];
    /**
     * The one CI identity (OIDC) that may ask the control plane to reconcile
     */
    readonly ci?: {
      /**
       * Issuer of the identity token
       */
      readonly issuer: Url;
      /**
       * Audience that the token must name
       */
      readonly audience: string;
      /**
       * Repository that the token must name
       */
      readonly repository: string;
      /**
       * Git ref that the token must name
       */
      readonly ref: string;
      /**
       * Workflow file that the token must name
       */
      readonly workflow: string;
    };
    /**
     * Where the org store lives
     */
    readonly store: {
      /**
       * The kind of store
       */
      readonly driver: "sqlite";
      /**
       * Path of the store on the controller's machine
       */
      readonly path: string;
    };
    /**
     * Where signed bundles are put
     */
    readonly publisher: {
      /**
       * The kind of publisher
       */
      readonly driver: ("files" | "s3" | "oci");
      /**
       * Directory on the controller's machine
       */
      readonly path?: string;
      /**
       * Address of the object store or registry, https (http on loopback only)
       */
      readonly endpoint?: string;
      /**
       * Region that requests are signed for
       */
      readonly region?: string;
      /**
       * Bucket that holds all organisations
       */
      readonly bucket?: string;
      /**
       * Folder within the bucket, or what precedes the names of repositories; none when absent
       */
      readonly prefix?: string;
      /**
       * Asks for each bundle in a second form, for Open Policy Agent
       */
      readonly opa?: {
        /**
         * File with the P-256 key (PEM, mode 0600) that signs it, on the controller's machine
         */
        readonly key: string;
      };
    };
    /**
     * What signs published files; without it, sealed seed files, or seeds in environment variables where those are set
     */
    readonly signer?: {
      /**
       * Sealed seed files, seeds in environment variables, or a program that holds keys
       */
      readonly driver: ("sealed-file" | "environment" | "command");
      /**
       * Driver command: file name of the program in the folder that TENANTRY_SIGNERS_DIR names on the controller's machine
       */
      readonly program?: string;
      /**
       * Driver command: how long one answer may take, in seconds
       */
      readonly timeoutSeconds?: number;
      /**
       * Driver command: whose one key serves all orgs; root keys are always one per org
       *
       * Items: A holder of keys
       */
      readonly pooled?: readonly ("publish" | "online")[];
      /**
       * Driver command: the epochs that new orgs begin with
       */
      readonly firstEpochs?: {
        /**
         * First epoch of publish keys
         */
        readonly publish?: number;
        /**
         * First epoch of online keys
         */
        readonly online?: number;
      };
    };
    /**
     * The control plane that gateways and people talk to
     */
    readonly controlPlane: {
      readonly listen: Listen;
      /**
       * Under which URL gateways reach it
       */
      readonly url: Url;
    };
    /**
     * The order in which changes roll out: template upgrades by org, and every change inside each org by gateway
     *
     * Items: One ring: the gateways that name it, and those that its labels, orgs or share take
     */
    readonly rings: readonly {
      /**
       * The ring's name
       */
      readonly name: Name;
      /**
       * Orgs whose gateways are in this ring unless an earlier one takes them
       *
       * Items: An org
       */
      readonly orgs?: readonly Name[];
      /**
       * Gateways that carry all of these labels are in this ring unless an earlier one takes them
       */
      readonly labels?: Labels;
      /**
       * This share of all gateways, by a stable hash, is in this ring unless an earlier one takes them
       */
      readonly sharePercent?: number;
      /**
       * How long the ring must run well before the next one starts, in minutes
       */
      readonly soakMinutes: number;
      /**
       * How long a gateway may take to acknowledge new content before it counts as failed (default 15)
       */
      readonly answerMinutes?: number;
      /**
       * How many gateways of an org may fail in this ring (default 0)
       */
      readonly failures?: number;
      /**
       * What a failed ring does: give everybody the older content back (default), or stand still
       */
      readonly onFailure?: ("rollback" | "halt");
      /**
       * What of the traffic, and of the content, fails the ring
       */
      readonly health?: {
        /**
         * Fewer requests under the new content say nothing (default 20)
         */
        readonly requests?: number;
        /**
         * By how many points of a hundred the share of errors may rise (default 5)
         */
        readonly errorPoints?: number;
        /**
         * By how many points of a hundred the share of blocked requests may rise (default 20)
         */
        readonly blockPoints?: number;
        /**
         * How many times as large as before content may be (default 4; up to 32 KiB it may grow by any factor)
         */
        readonly growth?: number;
      };
    }[];
    /**
     * How much one change may touch before a person must accept it
     */
    readonly limits: {
      /**
       * Orgs changed at once, in percent of the fleet
       */
      readonly changedOrgsPercent: number;
      /**
       * Orgs changed at once
       */
      readonly changedOrgsCount: number;
      /**
       * Objects deleted at once, in percent of the org
       */
      readonly deletedObjectsPercent: number;
      /**
       * Objects deleted at once in one org
       */
      readonly deletedObjectsCount: number;
    };
    /**
     * Times in which nothing is applied
     *
     * Items: One freeze
     */
    readonly freeze?: readonly {
      /**
       * First moment of the freeze
       */
      readonly from: Instant;
      /**
       * First moment after the freeze
       */
      readonly to: Instant;
      readonly reason: Reason;
    }[];
    /**
     * What gateways do when their configuration is too old to trust, unless the org says otherwise
     */
    readonly onExpired: ("block" | "keep-serving");
    /**
     * The price book that the fleet charges by
     */
    readonly prices: Name;
    /**
     * Machines that gateways run on
     *
     * Items: One machine
     */
    readonly hosts?: readonly {
      /**
       * The machine's name, as gateways use it
       */
      readonly name: Name;
      readonly region: Region;
    }[];
    /**
     * Gateway runtime versions, judged
     */
    readonly runtimes?: {
      /**
       * Versions that were tested with this fleet
       */
      readonly tested?: readonly Version[];
      /**
       * Versions that must not run
       */
      readonly refused?: readonly Version[];
    };
    /**
     * Orgs that are gone; neither slug nor uid may come back
     *
     * Items: One org that is gone
     */
    readonly retiredOrgs?: readonly {
      readonly uid: Uid;
      /**
       * The slug it had
       */
      readonly org: Name;
      /**
       * When it was offboarded
       */
      readonly retired: Instant;
    }[];
  };
}
