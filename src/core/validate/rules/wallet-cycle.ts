import type { DesiredRule } from '../rule.ts';

export const walletCycle: DesiredRule = {
  code: 'WALLET_CYCLE',
  needs: 'desired',
  decide: (org) => {
    const wallets = org.all('Wallet');
    const parents = new Map(wallets.map(({ id, document }) => [id.name, document.spec.parent]));
    const inCycle = cycleMembers(parents);
    return wallets
      .filter(({ id }) => inCycle.has(id.name))
      .map((wallet) =>
        org.report(
          'WALLET_CYCLE',
          { object: wallet, pointer: '/spec/parent' },
          {
            message: `wallet ${wallet.id.name} is its own ancestor: ${inCycle.get(wallet.id.name)?.join(' -> ')}`,
            expected: 'a chain of parents that ends',
            found: `parent ${JSON.stringify(wallet.document.spec.parent)}`,
          },
        ),
      );
  },
};

/** Every wallet on a cycle, with the cycle from it back to it. Each wallet is walked over once. */
function cycleMembers(parents: ReadonlyMap<string, string | undefined>): ReadonlyMap<string, readonly string[]> {
  const done = new Set<string>();
  const members = new Map<string, readonly string[]>();
  for (const start of parents.keys()) {
    const walked: string[] = [];
    const position = new Map<string, number>();
    let name: string | undefined = start;
    while (name !== undefined && parents.has(name) && !done.has(name)) {
      const first = position.get(name);
      if (first !== undefined) {
        const cycle = walked.slice(first);
        cycle.forEach((member, index) => {
          members.set(member, [...cycle.slice(index), ...cycle.slice(0, index), member]);
        });
        break;
      }
      position.set(name, walked.length);
      walked.push(name);
      name = parents.get(name);
    }
    for (const member of walked) done.add(member);
  }
  return members;
}
