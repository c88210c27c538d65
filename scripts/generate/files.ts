import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { GENERATED_FOLDERS, type GeneratedFiles } from './generate.ts';

/** One file that is not what the schemas give. */
export interface Stale {
  readonly path: string;
  readonly why: 'missing' | 'different' | 'left over';
}

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Which generated files below `root` are missing, differ or are left over. */
export const findStale = (root: string, files: GeneratedFiles): readonly Stale[] => {
  const core = join(root, 'src/core');
  const wrong = [...files].flatMap(([path, text]): Stale[] => {
    const found = read(join(core, path));
    if (found === text) return [];
    return [{ path: `src/core/${path}`, why: found === undefined ? 'missing' : 'different' }];
  });
  const present = GENERATED_FOLDERS.flatMap((folder) =>
    existsSync(join(core, folder)) ? readdirSync(join(core, folder)).map((name) => posix.join(folder, name)) : [],
  );
  const leftOver = present.filter((path) => !files.has(path));
  return [...wrong, ...leftOver.map((path): Stale => ({ path: `src/core/${path}`, why: 'left over' }))];
};

/** Make the generated files below `root` what they should be; untouched where they already are. */
export const writeStale = (root: string, files: GeneratedFiles, stale: readonly Stale[]): void => {
  for (const { path, why } of stale) {
    const target = join(root, path);
    if (why === 'left over') {
      rmSync(target, { recursive: true });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    const temporary = `${target}.${process.pid}.tmp`;
    writeFileSync(temporary, files.get(posix.relative('src/core', path)) ?? '');
    renameSync(temporary, target);
  }
};
