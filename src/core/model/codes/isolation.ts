import type { CodeTable } from './entry.ts';

/** Findings of the isolation catalogue, I-01 to I-29: the number in a code is the number there. */
export const isolationCodes = {
  ISO_I01_REF_CROSSES_ORG: {
    severity: 'critical',
    title: 'A reference reaches into another org',
    explain:
      'The reference is written with a path, or names an object or the uid of another org. A directory under orgs/ is a wall: nothing in it may use what belongs to another customer, and no waiver changes that.',
    fix: 'Name an object of the same org; create one there if the customer needs it.',
  },
  ISO_I02_REF_NOT_IN_ORG: {
    severity: 'high',
    title: 'A reference names an object that the org does not have',
    explain:
      'References are names inside one org: teams, wallets, policies and gateways are looked up in the rendered objects of the same org and nowhere else. A name that is not there would silently mean nothing at run time.',
    fix: 'Correct the name, or add the object to the same org.',
  },
  ISO_I03_OWNER_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'The owner of a token is a person of another org',
    explain:
      'The mail domain of the owner is claimed by another org. Whoever answers for machine access of a customer must belong to that customer, or to the staff that fleet.yaml lists.',
    fix: 'Name a person of this customer as owner, or list the person as staff in fleet.yaml.',
  },
  ISO_I03_TOKEN_CROSSES_ORG: {
    severity: 'critical',
    title: 'A token is bound to an object of another org',
    explain:
      "A token acts for a team, at gateways, with the money of a wallet; all of them belong to the org of the token. One that reaches over opens another customer's gateway or spends its budget.",
    fix: 'Name a team, a wallet and gateways of the same org.',
  },
  ISO_I04_WALLET_CROSSES_ORG: {
    severity: 'critical',
    title: 'A wallet hangs on another org',
    explain:
      'A wallet is the parent of, funds, or is named by something of another org: one customer would spend the money of another one.',
    fix: 'Name a wallet of the same org.',
  },
  ISO_I05_TARGETING_NOT_OF_ORG: {
    severity: 'critical',
    title: 'A policy is meant for a team or gateway that the org does not have',
    explain:
      'Targeting decides for whom a policy of the chain runs. A name that the org does not have is either of another org, or a mistake that switches the policy off for everyone.',
    fix: 'Name teams and gateways of the same org, or remove the targeting.',
  },
  ISO_I06_PERSON_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'A person of another org is in a team',
    explain:
      'The mail domain of a lead or member is claimed by another org. Teams decide who sees requests and may manage tokens.',
    fix: "Remove the person, or list the person as staff in fleet.yaml where it is the service provider's.",
  },
  ISO_I06_REVIEWER_CROSSES_ORG: {
    severity: 'critical',
    title: 'A review queue is staffed from another org',
    explain: 'Reviewers read the requests that a policy hands to people. Teams of another org would read them too.',
    fix: 'Name teams of the same org.',
  },
  ISO_I07_TARGET_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'A provider target or fallback is at another org',
    explain:
      'The base URL of a target lies below a domain that another org claims: prompts of one customer would be sent to another.',
    fix: 'Send to a model provider or to a host of this customer.',
  },
  ISO_I08_SHARED_SECRET_REF: {
    severity: 'critical',
    title: 'Two orgs use one upstream secret',
    explain:
      'The same environment variable of one host, or the same path of the secret store, is named by gateways of two orgs: they share an account, its cache, its limits and its bill. The same variable name on different hosts is fine.',
    fix: 'Give each org a secret of its own and name that.',
  },
  ISO_I10_SECRET_OUTSIDE_ORG: {
    severity: 'critical',
    title: "A secret path lies outside the org's part of the store",
    explain:
      'Paths of the secret store begin with the name of the org (`acme/…`, `acme.…`) or with `org` and its name (`org/acme/…`). A path elsewhere, or with `..`, a wildcard or a placeholder, can reach what belongs to another customer.',
    fix: "Move the secret below the org's part of the store and name that path.",
  },
  ISO_I11_SHARED_TOKEN_DIGEST: {
    severity: 'critical',
    title: 'One token digest is listed twice',
    explain:
      'A digest is bound to the uid of one org and to one token id, so an equal digest elsewhere was copied. It opens nothing, and it hides that the token there was never issued.',
    fix: 'Remove the copy and issue a secret with `tenantry token issue`.',
  },
  ISO_I12_LITERAL_SECRET: {
    severity: 'critical',
    title: 'A secret stands in the repository',
    explain:
      'The text looks like a key, a signed token, a private key, or random characters under a name such as password. Whatever was committed must be treated as published; this message does not repeat it. Published examples and placeholders are accepted when they say so (EXAMPLE, placeholder, xxxx).',
    fix: 'Revoke it, remove it from every commit of the change, and name an environment variable or a path of the secret store.',
  },
  ISO_I13_UPSTREAM_ACCOUNT_SHARED: {
    severity: 'high',
    title: 'Two orgs use one account at a model provider',
    explain:
      'An account has one prompt cache, one rate limit, one bill and one set of stored objects. Two customers on it can feel, and sometimes see, each other.',
    fix: 'Give each org an account, project or subscription of its own.',
  },
  ISO_I15_SHARED_UID: {
    severity: 'critical',
    title: 'Two orgs have the same uid',
    explain:
      'Keys, token digests and published paths are derived from the uid: two orgs with one uid are one org for every gateway. It happens when an org directory is copied.',
    fix: 'Give the newer org a uid of its own with `tenantry org add`; never change the uid of a running org.',
  },
  ISO_I17_DOMAIN_SHARED: {
    severity: 'critical',
    title: 'Two orgs claim one domain',
    explain:
      "A domain says to whom people, hosts and sinks belong. Two orgs claim the same one, or one below the other's.",
    fix: 'Keep the domain in the org that it belongs to; list only domains of one customer.',
  },
  ISO_I17_PUBLIC_DOMAIN: {
    severity: 'critical',
    title: 'An org claims a domain where anybody can have a name',
    explain:
      'Public mail providers and shared suffixes of clouds or countries belong to nobody. Claiming one takes everybody there for people of this customer.',
    fix: "List the customer's own domain, or none.",
  },
  ISO_I19_PERSON_IN_TWO_ORGS: {
    severity: 'medium',
    title: 'One person or group is in two orgs',
    explain:
      'The same address is in teams of two orgs and fleet.yaml does not list it as staff. It sees and decides for both customers.',
    fix: "List the address as staff in fleet.yaml if it is the service provider's; else remove it from one org.",
  },
  ISO_I20_LISTEN_COLLISION: {
    severity: 'critical',
    title: 'Two gateways listen on the same address of one host',
    explain:
      'Both gateways name the same host and port with addresses that overlap (0.0.0.0 and :: overlap with every address). Whichever starts first gets the requests, and the tokens, of both.',
    fix: 'Give one of the gateways another port or another host.',
  },
  ISO_I21_HOSTNAME_SHARED: {
    severity: 'critical',
    title: 'Two orgs answer under one host name',
    explain:
      "The DNS name of a gateway is used by a gateway of another org, or lies below a domain that another org claims. Clients would send one customer's requests, and tokens, to the other.",
    fix: 'Give the gateway a host name below a domain of its own org.',
  },
  ISO_I22_EGRESS_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'A gateway may reach hosts of another org',
    explain: 'An entry of the egress list is, or covers, a host below a domain that another org claims.',
    fix: 'Remove the entry.',
  },
  ISO_I22_EGRESS_TOO_WIDE: {
    severity: 'high',
    title: "A gateway may reach hosts that are nobody's",
    explain:
      'A pattern such as `*`, `*.com` or `*.amazonaws.com` covers hosts that anybody can rent, so it lets data go anywhere.',
    fix: 'Name the hosts, or put `*.` before a domain of one provider.',
  },
  ISO_I23_EGRESS_PRIVATE: {
    severity: 'critical',
    title: 'A gateway may reach a private, link-local or metadata address',
    explain:
      'Addresses inside the network of the machine answer without asking who comes: metadata services give out credentials, neighbours give out data. Names that only end in such an address at run time are not seen here.',
    fix: 'Name the public host of the service.',
  },
  ISO_I24_LIMIT_BY_CLIENT_HEADER: {
    severity: 'critical',
    title: 'The only limit is one that the client chooses',
    explain:
      '`user_rate_limit` counts by a header that the client sends. Without a limit beside it that no header moves, whoever changes the header has no limit at all.',
    fix: 'Add `global_rate_limit` to the policy, or `requestsPerMinute` to the gateway.',
  },
  ISO_I26_STORE_IS_PUBLISHED: {
    severity: 'critical',
    title: 'The store lies inside what is published, or around it',
    explain:
      "The store holds desired state, history and ledgers of all orgs; the publisher's folder is served to gateways. One inside the other publishes everything.",
    fix: 'Give the store and the publisher paths of their own.',
  },
  ISO_I28_DEDICATED_HOST_SHARED: {
    severity: 'critical',
    title: 'A machine of a dedicated org also runs gateways of others',
    explain:
      'Isolation class dedicated promises gateways of its own. Processes on one machine share its environment, its network and its faults.',
    fix: "Move one of the gateways to another machine, or change the isolation class with the customer's consent.",
  },
  ISO_I29_NO_CEILING: {
    severity: 'medium',
    title: 'A gateway on shared parts has no ceiling',
    explain:
      'An org of class shared may use parts that others use too. Without a limit on requests and on concurrency it can take all of them.',
    fix: 'Set `limits.requestsPerMinute` and `limits.concurrentRequests`.',
  },
} as const satisfies CodeTable;
