import type { Kind } from '../model/index.ts';
import { approval } from './approval.ts';
import { conflict } from './conflict.ts';
import { credentials } from './credentials.ts';
import type { KindDescriptor } from './descriptor.ts';
import { fleet } from './fleet.ts';
import { gateway } from './gateway.ts';
import { organization } from './organization.ts';
import { overlay } from './overlay.ts';
import { pin } from './pin.ts';
import { policy } from './policy.ts';
import { priceBook } from './price-book.ts';
import { review } from './review.ts';
import { team } from './team.ts';
import { template } from './template.ts';
import { token } from './token.ts';
import { waiver } from './waiver.ts';
import { wallet } from './wallet.ts';

/** Every manifest kind. A new kind is its schema, its file beside this one, its name in KINDS and its line here. */
export const descriptors: readonly KindDescriptor[] = [
  fleet,
  organization,
  team,
  wallet,
  token,
  credentials,
  policy,
  gateway,
  overlay,
  conflict,
  priceBook,
  approval,
  pin,
  review,
  waiver,
  template,
];

const byKind = new Map(descriptors.map((descriptor) => [descriptor.kind, descriptor]));

/** What is known of `kind`. Throws RangeError for a kind without a descriptor, which a test rules out. */
export function descriptorOf(kind: Kind): KindDescriptor {
  const descriptor = byKind.get(kind);
  if (descriptor === undefined) throw new RangeError(`no descriptor for kind ${kind}`);
  return descriptor;
}
