import { userInfo } from 'node:os';
import { type OperatorAsk, operate } from '../flows/index.ts';
import { withLease } from './lease.ts';
import type { CommandContext } from './spec.ts';
import { applyParts, openState } from './state.ts';
import { CommandError, EXIT } from './terminal.ts';
import { throughController } from './through.ts';

/** The body of what an operator asks, as the control plane takes it. */
export type OperatorBody = { readonly [name: string]: string | number };

/** Does what an operator asks: through the running controller where there is one (rulings 11), under the lease else. */
export async function operateAs<T>(context: CommandContext, body: OperatorBody, ask: OperatorAsk): Promise<T> {
  const done = await throughController<T>(context.dir, '/api/v1/fleet/operate', body);
  return done ?? ((await here(context, ask)) as T);
}

/** Who does something at the store without a controller, as the history names them. */
export function actorHere(): string {
  return `${userInfo().username} at the store`;
}

async function here(context: CommandContext, ask: OperatorAsk): Promise<object> {
  const opened = await openState(context);
  try {
    const done = await withLease(opened, ask.do, (fence) =>
      operate(applyParts(context, opened, { fence }), ask, actorHere()),
    );
    if (!done.ok) throw new CommandError(EXIT.refused, done.code, done.message);
    return done.body;
  } finally {
    opened.state.close();
  }
}
