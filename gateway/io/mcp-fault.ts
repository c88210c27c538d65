import { type Refusal, RPC, type RpcError, type RpcId, rpcError } from '../core/index.ts';
import { decide, type Exchange } from './exchange.ts';
import { NO_USAGE } from './mcp-server.ts';
import { sendMessage } from './mcp-stream.ts';
import { Refused } from './refused.ts';
import { isKept, type Reply } from './reply.ts';
import type { Service } from './service.ts';

/** A message that is answered by an error of JSON-RPC. */
export class RpcFault extends Error {
  readonly error: RpcError;
  readonly reasonCode: string;
  readonly status: number;
  constructor(error: RpcError, reasonCode: string, status = 200) {
    super(reasonCode);
    this.error = error;
    this.reasonCode = reasonCode;
    this.status = status;
  }
}

/** A refusal as the answer to a message, where a status cannot say it. */
export class RefusalFault extends RpcFault {
  readonly refusal: Refusal;
  constructor(
    refusal: Refusal,
    { requestId, reasonCode }: Pick<Exchange, 'requestId' | 'reasonCode'>,
    rpc: { readonly id: RpcId; readonly code: number; readonly status: number },
  ) {
    const { type, code, policy, message, retryAfterSeconds } = refusal;
    const again = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    const data = { type, code, policy, reasonCode, requestId, ...again };
    super({ id: rpc.id, code: rpc.code, message, data }, reasonCode ?? `gateway.${code}`, rpc.status);
    this.refusal = refusal;
  }
}

/** What became of a call that was handed to a person, where that is no result: who decided that it waits stays its reason. */
export class HeldFault extends RefusalFault {
  constructor(refusal: Refusal, exchange: Pick<Exchange, 'requestId' | 'reasonCode'>, id: RpcId) {
    super(refusal, exchange, { id, code: RPC.policy, status: 200 });
  }
}

/**
 * A refusal as the last message of an answer that has begun as events: a client whose stream only ends waits on for what it asked.
 * Any other error as it is.
 */
export function inEvents(error: unknown, exchange: Exchange, response: Reply, id: RpcId): unknown {
  if (!(error instanceof Refused) || isKept(response) || response.destroyed || !response.headersSent) return error;
  return new RefusalFault(error.refusal, exchange, { id, code: RPC.internal, status: error.refusal.status });
}

/** Answers with the error, after its decision is written. */
export async function answerFault(
  service: Service,
  exchange: Exchange,
  response: Reply,
  fault: RpcFault,
): Promise<void> {
  if (isBlock(fault, exchange)) exchange.verdict = 'block';
  if (exchange.verdict !== 'escalate') exchange.reasonCode = fault.reasonCode;
  // Of a result that waited, the decision was written before.
  if (!exchange.isDecided) await decide(service, exchange, { status: fault.status, usage: NO_USAGE });
  service.metrics.refused(
    fault instanceof RefusalFault
      ? fault.refusal.code
      : fault.error.code === RPC.policy
        ? 'tool_blocked'
        : 'tool_refused',
  );
  await sendMessage(response, rpcError(fault.error), fault.status);
}

/** What a server says and what fails are no blocks; a call that is held has its verdict. */
function isBlock(fault: RpcFault, { verdict }: Exchange): boolean {
  if (fault instanceof HeldFault) return false;
  if (fault instanceof RefusalFault) return fault.refusal.status < 500 && verdict !== 'escalate';
  return fault.reasonCode !== 'mcp.server_error';
}
