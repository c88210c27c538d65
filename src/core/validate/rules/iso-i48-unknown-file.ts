import { idOfPath } from '../../kinds/index.ts';
import type { TreeRule } from '../rule.ts';
import { faultOf } from './iso-i47-odd-path.ts';
import { fileFinding } from './tree-places.ts';

const OURS: ReadonlySet<string> = new Set(['orgs', 'templates', 'prices', 'approvals']);

export const i48UnknownFile: TreeRule = {
  code: 'ISO_I48_UNKNOWN_FILE',
  needs: 'tree',
  decide: ({ entries }) =>
    entries
      .filter(
        ({ path, mode }) =>
          mode === '100644' &&
          OURS.has(path.split('/')[0] ?? '') &&
          faultOf(path) === null &&
          idOfPath(path) === undefined,
      )
      .map(({ path }) =>
        fileFinding('ISO_I48_UNKNOWN_FILE', path, {
          message: `nothing reads ${path}`,
          expected: 'a path of the documented layout, such as orgs/<org>/wallets/<name>.yaml',
          found: path,
        }),
      ),
};
