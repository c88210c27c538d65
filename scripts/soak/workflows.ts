// Lints the workflows with actionlint, which knows GitHub's schema, expressions and shells. It is a program of its own, so
// it may be absent; the rules that must hold everywhere are scripts/forge/workflow-rules.ts, in `npm test`.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Soak, SoakResult } from './soak.ts';

const FOLDER = '.github/workflows';
const INSTALL = 'go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';

const run = async (): Promise<SoakResult> => {
  const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));
  const { error, status, stdout, stderr } = spawnSync('actionlint', ['-no-color', ...files], { encoding: 'utf8' });
  if (error !== undefined) return { ok: true, table: `skipped: actionlint is not on the path; ${INSTALL}\n` };
  const words = status === 0 ? `${files.length} workflows, nothing found\n` : `${stdout}${stderr}`;
  return { ok: status === 0, table: words };
};

export const workflows: Soak = { name: 'workflows', title: 'actionlint on the workflows, where it is installed', run };
