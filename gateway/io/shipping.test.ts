import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IntentEvent } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import type { Answered } from './control.ts';
import { type Journal, openJournal } from './journal.ts';
import { createShipping } from './shipping.ts';
import { openCursors } from './state.ts';
import { createSliceBook, type WalletDesk } from './wallets.ts';

const INTENT: IntentEvent = { type: 'intent', id: 'e1', at: 1, requestId: 'r1', target: 'main', wallets: [] };

let folder = '';
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-shipping-'));
  journal = openJournal({ folder: join(folder, 'journal'), hash: nodeHash });
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Delivers one line while slice s1 is spent, to a control plane that answers events so; what was asked of it and forgotten. */
async function deliver(events: Answered): Promise<readonly string[]> {
  const seen: string[] = [];
  await journal.append(INTENT);
  const shipping = createShipping({
    questions: { oldestOpen: () => null },
    journal,
    control: {
      post: async (path, body) => {
        seen.push(path.endsWith('/settle') ? `settle ${body}` : path);
        return path.endsWith('/events') ? events : { kind: 'ok', body: {} };
      },
    },
    desk: {
      spentSlices: () => ['s1'],
      keptSlices: () => ['s2'],
      forget: (ids: readonly string[]) => seen.push(`forget ${ids}`),
    } as unknown as WalletDesk,
    book: createSliceBook({ through: 0, slices: [] }),
    cursors: openCursors(folder),
    checkpoint: async () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  });
  await shipping.drain();
  shipping.stop();
  return seen;
}

test('a slice is given back after the lines that used it, which may still have to settle of it', async () => {
  expect(await deliver({ kind: 'ok', body: {} })).toEqual([
    '/api/v1/gateway/events',
    'settle {"settlements":[],"closed":["s1"],"keeps":["s2"]}',
    'forget s1',
  ]);
});

test('a slice is kept while its lines are not delivered', async () => {
  expect(await deliver({ kind: 'away', detail: 'no answer' })).toEqual(['/api/v1/gateway/events']);
});
