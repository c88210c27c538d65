import { finding, startOf } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

const VERSION = /^templates\/([^/]+)\/([^/]+)\//;

export const templateVersionChanged: ChangeRule = {
  code: 'TEMPLATE_VERSION_CHANGED',
  needs: 'change',
  decide: ({ files, templatesBefore }) =>
    files.flatMap(({ path, how }) => {
      const [, name, version] = VERSION.exec(path) ?? [];
      const pin = `${name}@${version}`;
      if (name === undefined || !templatesBefore.has(pin)) return [];
      return [
        finding('TEMPLATE_VERSION_CHANGED', {
          place: startOf(path),
          message: `${path} of template ${pin} is ${how}, and that version was there before`,
          expected: 'the bytes of before; a new version for every change',
          found: how === 'removed' ? 'no file' : 'other bytes',
        }),
      ];
    }),
};
