import { userInfo } from 'node:os';
import { type OperatorAsk, operate } from '../flows/index.ts';
import { readControllerFile } from '../wire.ts';
import { isAlive, withLease } from './lease.ts';
import type { CommandContext } from './spec.ts';
import { applyParts, openState } from './state.ts';
import { CommandError, EXIT } from './terminal.ts';

/** The body of what an operator asks, as the control plane takes it. */
export type OperatorBody = { readonly [name: string]: string | number };

/** Does what an operator asks: through the running controller where there is one (rulings 11), under the lease else. */
export async function operateAs<T>(context: CommandContext, body: OperatorBody, ask: OperatorAsk): Promise<T> {
  return (await throughController<T>(context, body)) ?? ((await here(context, ask)) as T);
}

/** Who does something at the store without a controller, as the history names them. */
export function actorHere(): string {
  return `${userInfo().username} at the store`;
}

async function throughController<T>(context: CommandContext, body: OperatorBody): Promise<T | null> {
  const controller = readControllerFile(context.dir);
  if (controller === null || !isAlive(controller.pid)) return null;
  const response = await fetch(`${controller.url}/api/v1/fleet/operate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${controller.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answered = (await response.json()) as T & {
    readonly error?: { readonly code: string; readonly message: string };
  };
  if (answered.error !== undefined) throw new CommandError(EXIT.refused, answered.error.code, answered.error.message);
  return answered;
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
