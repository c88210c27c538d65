import type { Typed } from '../../model/index.ts';
import type { OrgView } from '../view.ts';

type Wallet = Typed<'Wallet'>;

/** The wallets of an org by name. */
export function walletsByName(org: OrgView): ReadonlyMap<string, Wallet> {
  return new Map(org.all('Wallet').map((wallet) => [wallet.id.name, wallet]));
}

/** A wallet and all above it, lowest first; ends where a name is unknown or comes again. */
export function chainOf(wallets: ReadonlyMap<string, Wallet>, name: string): readonly Wallet[] {
  const chain: Wallet[] = [];
  let next: string | undefined = name;
  while (next !== undefined) {
    const wallet: Wallet | undefined = wallets.get(next);
    if (wallet === undefined || chain.includes(wallet)) break;
    chain.push(wallet);
    next = wallet.document.spec.parent;
  }
  return chain;
}

/** Each wallet with the wallet right above it. */
export function withParents(org: OrgView): readonly { readonly wallet: Wallet; readonly parent: Wallet }[] {
  const wallets = walletsByName(org);
  return org.all('Wallet').flatMap((wallet) => {
    const { parent: name } = wallet.document.spec;
    const parent = name === undefined || name === wallet.id.name ? undefined : wallets.get(name);
    return parent === undefined ? [] : [{ wallet, parent }];
  });
}
