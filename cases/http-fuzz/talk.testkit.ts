import { connect } from 'node:net';
import { readAnswers } from './answers.testkit.ts';
import type { FuzzCase } from './requests.testkit.ts';

/** Silence after which a client says that it sends nothing more; longer than the gateway waits for a provider. */
const QUIET_MS = 700;
/** After that, the connection must end. */
const HANG_MS = 10_000;
const MOST_LEFT_MS = 6;

export interface Talked {
  readonly bytes: Buffer;
  /** The server did not end the connection. */
  readonly isHung: boolean;
  /** Nobody waited for the answers: they may break off. */
  readonly hasLeft: boolean;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Plays one connection to its end. */
export async function talk(port: number, played: FuzzCase): Promise<Talked> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let bytes = Buffer.alloc(0);
  let isOver = false;
  let hasLeft = false;
  let isWritten = false;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<boolean>((resolve) => {
    const over = (isHung: boolean) => (): void => {
      clearTimeout(timer);
      isOver = true;
      socket.destroy();
      resolve(isHung);
    };
    const stop = (): void => {
      clearTimeout(timer);
      socket.end();
      timer = setTimeout(over(true), HANG_MS);
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hasLeft = true;
        stop();
      }, QUIET_MS);
    };
    socket.on('error', () => {});
    socket.on('close', over(false));
    socket.on('end', over(false));
    socket.on('connect', watch);
    const look = (): void => {
      if (!isWritten || socket.writableEnded) return;
      if (readAnswers(bytes, played.methods).whole.length >= played.methods.length) stop();
      else watch();
    };
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      look();
    });
    socket.on('written', look);
    socket.on('finish', () => {
      if (played.ending === 'half-close') stop();
    });
  });
  for (const piece of played.pieces) {
    if (isOver) break;
    socket.write(piece);
    await (played.pauseMs > 0 ? pause(played.pauseMs) : turn());
  }
  isWritten = true;
  socket.emit('written');
  if (played.ending === 'half-close') socket.end();
  if (played.ending === 'leave') {
    await pause(played.pieces.length % MOST_LEFT_MS);
    socket.destroy();
  }
  const isHung = await ended;
  return { bytes, isHung, hasLeft: hasLeft || played.ending !== 'wait' };
}
