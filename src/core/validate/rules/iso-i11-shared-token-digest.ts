import { whole } from '../buckets.ts';
import type { FleetRule } from '../rule.ts';

export const i11SharedTokenDigest: FleetRule = {
  code: 'ISO_I11_SHARED_TOKEN_DIGEST',
  needs: 'fleet',
  factsOf: (org) =>
    org
      .all('Credentials')
      .flatMap((object) =>
        object.document.spec.tokens.map(({ id, digest }, index) =>
          org.factAt({ object, pointer: `/spec/tokens/${index}/digest` }, digest, id),
        ),
      ),
  collisions: whole,
  say: ({ detail, value }, others) => ({
    message: `credential ${detail} has the digest of one of ${others}`,
    expected: 'a digest that is listed once',
    found: `${value.slice(0, 12)}…`,
  }),
};
