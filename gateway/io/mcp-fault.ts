import { type Refusal, RPC, type RpcError, type RpcId, rpcError } from '../core/index.ts';
import { decide, type Exchange } from './exchange.ts';
import { NO_USAGE } from './mcp-server.ts';
import { sendMessage } from './mcp-stream.ts';
import type { Reply } from './reply.ts';
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

/** What became of a call that was handed to a person, where that is no result: who decided that it waits stays its reason. */
export class HeldFault extends RpcFault {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, { requestId, reasonCode }: Pick<Exchange, 'requestId' | 'reasonCode'>, id: RpcId) {
    const { type, code, policy, message, retryAfterSeconds } = refusal;
    const again = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    const data = { type, code, policy, reasonCode, requestId, ...again };
    super({ id, code: RPC.policy, message, data }, reasonCode ?? `gateway.${code}`);
    this.refusal = refusal;
  }
}

/** Answers with the error, after its decision is written. */
export async function answerFault(
  service: Service,
  exchange: Exchange,
  response: Reply,
  fault: RpcFault,
): Promise<void> {
  const isHeld = fault instanceof HeldFault;
  if (!isHeld && fault.reasonCode !== 'mcp.server_error') exchange.verdict = 'block';
  if (exchange.verdict !== 'escalate') exchange.reasonCode = fault.reasonCode;
  // Of a result that waited, the decision was written before.
  if (!exchange.isDecided) await decide(service, exchange, { status: fault.status, usage: NO_USAGE });
  service.metrics.refused(
    isHeld ? fault.refusal.code : fault.error.code === RPC.policy ? 'tool_blocked' : 'tool_refused',
  );
  await sendMessage(response, rpcError(fault.error), fault.status);
}
