import { finding, type RepoPath, startOf } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

const VERSION = /^templates\/([^/]+)\/([^/]+)\//;

export const templateVersionChanged: ChangeRule = {
  code: 'TEMPLATE_VERSION_CHANGED',
  needs: 'change',
  decide: ({ files, templatesBefore }) => {
    const removed = new Set(files.filter(({ how }) => how === 'removed').map(({ path }) => path));
    return files.flatMap(({ path, how }) => {
      const [folder, name, version] = VERSION.exec(path) ?? [];
      const pin = `${name}@${version}`;
      if (name === undefined || !templatesBefore.has(pin)) return [];
      const manifest = `${folder}template.yaml` as RepoPath;
      // A version that goes as a whole is one fault, not one for each of its files.
      const isWhole = removed.has(manifest);
      if (isWhole && path !== manifest) return [];
      return [
        finding('TEMPLATE_VERSION_CHANGED', {
          place: startOf(path),
          message: isWhole
            ? `template ${pin} is removed or moved, and that version was there before`
            : `${path} of template ${pin} is ${how}, and that version was there before`,
          expected: 'the bytes of before; a new version for every change',
          found: how === 'removed' ? 'no file' : 'other bytes',
        }),
      ];
    });
  },
};
