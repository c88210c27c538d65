import type { GatewayEvent, Hash } from '../../src/core/model/index.ts';
import { type ChainHead, EMPTY_CHAIN, type KeptLine, keptLine, nextLine } from '../core/index.ts';
import type { Evidence } from './service.ts';
import type { LineSource } from './sink-runner.ts';

/** What a stand-alone gateway remembers for its receivers; older lines are lost to who did not take them. */
const MOST_LINES = 10_000;

/** Evidence in memory alone, for receivers. Nothing of it survives the process, and no request waits for it. */
export function createRecent(
  hash: Hash,
  onLine: () => void,
  most = MOST_LINES,
): LineSource & { readonly evidence: Evidence } {
  let lines: KeptLine[] = [];
  let head: ChainHead = EMPTY_CHAIN;
  const append = (event: GatewayEvent): void => {
    const line = nextLine(head, event, hash);
    head = line;
    lines.push(keptLine(line));
    if (lines.length > most * 2) lines = lines.slice(-most);
    onLine();
  };
  return {
    head: () => head,
    after(sequence, limit) {
      const [first] = lines;
      if (first === undefined) return [];
      const start = Math.max(0, sequence + 1 - first.sequence);
      return lines.slice(start, start + limit);
    },
    evidence: {
      intent(event) {
        append(event);
        return Promise.resolve();
      },
      escalation(event) {
        append(event);
        return Promise.resolve();
      },
      decision(event, onDurable) {
        append(event);
        onDurable();
        return Promise.resolve();
      },
    },
  };
}
