import type { TreeRule } from '../rule.ts';
import { fileFinding } from './tree-places.ts';

const MEANINGS: { readonly [mode: string]: string } = {
  '100755': 'an executable file',
  '120000': 'a symbolic link',
  '160000': 'a submodule',
};

export const i47OddMode: TreeRule = {
  code: 'ISO_I47_ODD_MODE',
  needs: 'tree',
  decide: ({ entries }) =>
    entries
      .filter(({ mode }) => mode !== '100644')
      .map(({ path, mode }) => {
        const found = MEANINGS[mode] ?? `a file of mode ${mode}`;
        return fileFinding('ISO_I47_ODD_MODE', path, {
          message: `${path} is ${found}`,
          expected: 'a normal file (mode 100644)',
          found: `${found} (mode ${mode})`,
        });
      }),
};
