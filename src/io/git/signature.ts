import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitId } from '../../core/model/index.ts';
import type { SigningKey } from '../../ports/index.ts';
import { CONFIG, GitError, gitEnvironment } from './process.ts';

/**
 * The owner of the key that signed a commit. Git verifies the signature with ssh-keygen against exactly these keys;
 * programs that the repository's own configuration names for signatures are never run.
 */
export async function signedBy(
  dir: string,
  commit: CommitId,
  keys: readonly SigningKey[],
): Promise<string | undefined> {
  const usable = keys.filter((item) => /^ssh-ed25519 [A-Za-z0-9+/]+=*$/.test(item.key) && !/[\s"]/.test(item.owner));
  if (usable.length === 0) return undefined;
  const folder = await fs.promises.mkdtemp(join(tmpdir(), 'tenantry-signers-'));
  try {
    const signers = join(folder, 'allowed');
    await fs.promises.writeFile(signers, usable.map((item) => `${item.owner} namespaces="git" ${item.key}\n`).join(''));
    const answer = await verify(dir, commit, signers);
    const principal = /^Good "git" signature for (\S+) with ED25519 key /m.exec(answer.text)?.[1];
    return answer.status === 0 && usable.some((item) => item.owner === principal) ? principal : undefined;
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

function verify(
  dir: string,
  commit: CommitId,
  signers: string,
): Promise<{ readonly status: number | null; readonly text: string }> {
  const config = [
    ...CONFIG,
    `gpg.ssh.allowedSignersFile=${signers}`,
    'gpg.ssh.revocationFile=',
    'gpg.ssh.program=ssh-keygen',
    'gpg.program=false',
    'gpg.openpgp.program=false',
    'gpg.x509.program=false',
  ];
  const args = [...config.flatMap((item) => ['-c', item]), 'verify-commit', '--raw', commit];
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: dir, env: gitEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(0, 20_000);
    });
    child.on('error', () => reject(new GitError('GIT_MISSING', 'git was not found; install git and run again')));
    child.on('close', (status) => resolve({ status, text }));
  });
}
