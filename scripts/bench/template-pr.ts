// `template-pr`: what a pull request costs that moves half of the pins of a fleet, over one full render of all orgs.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../fleet/index.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { type BenchFleet, openFleet } from './fleets.ts';

const FROM = 'msp-standard@1.0.0';
const TO = 'msp-standard@1.1.0';

/** Move the pin of every second org, render and commit: a campaign as an operator makes it. */
const moveHalf = (fleet: BenchFleet): number => {
  const listed = git(fleet.dir, 'ls-files', 'orgs').trim().split('\n');
  const files = listed.filter((path) => /^orgs\/[^/]+\/org\.yaml$/.test(path));
  const moved = files.filter((_, index) => index % 2 === 0);
  for (const file of moved) {
    const path = join(fleet.dir, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(FROM)) throw new Error(`Expected ${FROM} in ${file}, found none.`);
    writeFileSync(path, text.replace(FROM, TO));
  }
  fleet.tenantry(['render', '--write', '--quiet']);
  git(fleet.dir, 'add', '-A', 'orgs');
  git(fleet.dir, 'commit', '-q', '-m', 'Move half of the pins');
  return moved.length;
};

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleet = await openFleet(orgs, say);
  try {
    const movedOrgs = moveHalf(fleet);
    let commentBytes = 0;
    return {
      numerator: async () => {
        const done = fleet.tenantry(['diff', '--base', 'HEAD~1', '--format', 'markdown']);
        if (!done.stdout.startsWith(`### Tenantry: ${movedOrgs} org`)) {
          throw new Error(`Expected ${movedOrgs} orgs to change, found:\n${done.stdout.slice(0, 400)}`);
        }
        commentBytes = Buffer.byteLength(done.stdout);
        return done.ms;
      },
      denominator: async () => fleet.tenantry(['render', '--quiet']).ms,
      counters: () => ({ movedOrgs, commentBytes }),
      close: async () => fleet.remove(),
    };
  } catch (error) {
    fleet.remove();
    throw error;
  }
};

export const templatePr: Bench = {
  name: 'template-pr',
  title: 'diff of a change that moves half of the pins (both sides rendered, grouped, as Markdown), over a full render',
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
