import type { SimpleGit } from 'simple-git';
import { FILTER_NAMES, filtersOff, mayFilter } from './filters.ts';
import { asGitError, CONFIG, gitEnvironment, SETTINGS, startGit } from './process.ts';

/** Runs git in one folder. */
export interface GitRunner {
  readonly dir: string;
  /** As `text`, by the shortest way: for the one question that every command asks first. */
  look(args: readonly string[]): Promise<string>;
  /** Standard output as text; throws GitError. */
  text(args: readonly string[]): Promise<string>;
  /** As `text`, for a compare of commits and trees: git would read the whole index first, and use nothing of it. */
  compare(args: readonly string[]): Promise<string>;
}

/** Where no index is: git takes it for an empty one. */
const WITHOUT_INDEX = { GIT_INDEX_FILE: '/nonexistent/index' };

export function gitRunner(dir: string, environment = gitEnvironment()): GitRunner {
  let git: Promise<SimpleGit> | undefined;
  let off: Promise<readonly string[]> | undefined;
  const disarmed = (): Promise<readonly string[]> => {
    // Git says no where no name matches.
    off ??= look(dir, FILTER_NAMES).then(filtersOff, () => []);
    return off;
  };
  const disarmedLook = async (args: readonly string[]): Promise<string> =>
    look(dir, [...(await disarmed()).flatMap((item) => ['-c', item]), ...args]);
  return {
    dir,
    look: (args) => (mayFilter(dir) ? disarmedLook(args) : look(dir, args)),
    async text(args) {
      git ??= (mayFilter(dir) ? disarmed() : Promise.resolve([])).then((settings) =>
        openSimpleGit(dir, settings, environment),
      );
      try {
        return await (await git).raw([...args]);
      } catch (cause) {
        throw asGitError(cause, dir);
      }
    },
    compare: (args) => look(dir, args, WITHOUT_INDEX),
  };
}

/** Loaded when a command needs more than a look: it is a third of what an unchanged check would load. */
async function openSimpleGit(
  dir: string,
  settings: readonly string[],
  environment: ReturnType<typeof gitEnvironment>,
): Promise<SimpleGit> {
  const { simpleGit } = await import('simple-git');
  return simpleGit({
    baseDir: dir,
    config: [...CONFIG, ...settings],
    trimmed: false,
    maxConcurrentProcesses: 4,
    completion: { onClose: true, onExit: false },
    allowEnvironment: Object.keys(SETTINGS),
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeFilter: true },
  }).env(environment);
}

function look(
  dir: string,
  args: readonly string[],
  environment: { readonly [name: string]: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startGit(dir, args, 'ignore', environment);
    const out: Buffer[] = [];
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', (cause) => reject(asGitError(cause, dir)));
    child.on('close', (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(asGitError(new Error(said === '' ? `git ended with ${status}` : said), dir));
    });
  });
}
