import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommitId, GitId, RepoPath } from '../../core/model/index.ts';
import { openRepository, openWriteTree } from './index.ts';

const never = (): never => {
  throw new Error('expected a value');
};

const hasSshKeygen = existsSync('/usr/bin/ssh-keygen') || spawnSync('ssh-keygen', ['-?']).error === undefined;

const path = (text: string): RepoPath => text as RepoPath;

describe('a real git repository', () => {
  let dir = '';
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: dir, encoding: 'utf8' }).trim();
  const put = (file: string, text: string): void => {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  const commit = (message: string): string => {
    git('-c', 'advice.addEmbeddedRepo=false', 'add', '-A');
    git('commit', '-q', '--no-gpg-sign', '-m', message);
    return git('rev-parse', 'HEAD');
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tenantry-git-'));
    git('init', '-q', '-b', 'main');
    git('config', 'user.name', 'Ana');
    git('config', 'user.email', 'ana@acme.example');
    put('orgs/acme/org.yaml', 'a: 1\n');
    put('orgs/acme/teams/support.yaml', 'b: 2\n');
    put('orgs/bravo/org.yaml', 'c: 3\n');
    put('fleet.yaml', 'd: 4\n');
    commit('first');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('lists and reads a commit and the clean work tree alike', async () => {
    const repository = openRepository(dir);
    const head = await repository.head();
    if (head === undefined) throw new Error('expected a head');
    const atCommit = await repository.treeAt(head).list([path('orgs')]);
    const atWork = await repository.workTree().list([path('orgs')]);
    expect(atWork).toEqual(atCommit);
    expect(atCommit.entries.map((entry) => entry.path)).toEqual([
      'orgs/acme/org.yaml',
      'orgs/acme/teams/support.yaml',
      'orgs/bravo/org.yaml',
    ]);
    const bodies = await repository.treeAt(head).read(atCommit.entries, 1000);
    expect(Buffer.from(bodies.get(path('orgs/bravo/org.yaml')) ?? []).toString()).toBe('c: 3\n');
    expect(await repository.workTree().inside(path('orgs'))).toEqual(
      await repository.treeAt(head).inside(path('orgs')),
    );
  });

  it('lists commits as git itself does, of one process that stays', async () => {
    const commits = [git('rev-parse', 'HEAD')];
    const next = (message: string): number => commits.push(commit(message));
    put('orgs/acme/org.yaml', 'a: 5\n');
    put('orgs/new ä/org.yaml', 'n: 1\n');
    put('orgs/acme-more/org.yaml', 'sorted before what is in acme\n');
    symlinkSync('/etc/passwd', join(dir, 'orgs/link'));
    next('an edit, new folders and a link');
    rmSync(join(dir, 'orgs/bravo'), { recursive: true });
    next('a folder is gone');
    put('orgs/bravo', 'a file in its place\n');
    next('a file beside the folders');
    rmSync(join(dir, 'orgs'), { recursive: true });
    next('no folder at all');
    put('orgs', 'a file\n');
    next('a file in place of the folder');
    const repository = openRepository(dir);
    for (const id of commits) {
      const tree = repository.treeAt(id as CommitId);
      const told = git('ls-tree', '-r', '-z', id, '--', 'orgs').split('\0').filter(Boolean);
      const { entries } = await tree.list([path('orgs'), path('orgs/acme'), path('nothing')]);
      expect(entries.map((entry) => `${entry.mode} blob ${entry.id}\t${entry.path}`)).toEqual(told);
      const inside = await tree.inside(path('orgs'));
      const folders = git('ls-tree', '-d', '-z', id, '--', 'orgs/').split('\0').filter(Boolean);
      expect([...inside.folders].map(([name, tree]) => `040000 tree ${tree}\torgs/${name}`)).toEqual(folders);
      expect((await tree.inside(path('orgs/acme/org.yaml'))).entries).toEqual(
        (await tree.list([path('orgs/acme/org.yaml')])).entries,
      );
    }
    // One ends by itself where the questions between keep this process too long.
    expect(repository.counters.processes).toBeLessThanOrEqual(commits.length);
  });

  it('lists a fleet of many folders of one listing of git, and alike', async () => {
    for (let index = 0; index < 300; index += 1) put(`orgs/many-${index}/org.yaml`, `n: ${index}\n`);
    put('orgs/new ä/org.yaml', 'n: 1\n');
    const head = commit('many') as CommitId;
    const repository = openRepository(dir);
    const tree = repository.treeAt(head);
    const whole = await tree.list([path('orgs')]);
    expect(repository.counters.processes).toBe(2);
    const { folders } = await tree.inside(path('orgs'));
    const parts = await Promise.all([...folders.keys()].map((name) => tree.list([path(`orgs/${name}`)])));
    expect(whole.entries).toEqual(parts.flatMap(({ entries }) => entries).sort((a, b) => (a.path < b.path ? -1 : 1)));
    expect(whole.odd).toEqual(parts.flatMap(({ odd }) => odd));
    // The one that read trees may have ended while git listed.
    expect(repository.counters.processes).toBeLessThanOrEqual(3);
  });

  it('asks a process again that had nothing to do for longer than it waits', async () => {
    const repository = openRepository(dir);
    const tree = repository.treeAt(git('rev-parse', 'HEAD') as CommitId);
    const first = await tree.list([path('orgs')]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await tree.list([path('orgs')])).toEqual(first);
    expect(repository.counters.processes).toBe(2);
  });

  it.skipIf(!existsSync('/proc/self/task'))(
    'starts git again after it was killed (needs /proc to find it)',
    async () => {
      const repository = openRepository(dir);
      const tree = repository.treeAt(git('rev-parse', 'HEAD') as CommitId);
      const children = (): readonly number[] =>
        readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
      const before = new Set(children());
      const first = await tree.list([path('orgs')]);
      const started = children().filter((pid) => !before.has(pid));
      expect(started.length).toBe(1);
      for (const pid of started) process.kill(pid, 'SIGKILL');
      const asked = await tree.list([path('orgs')]).catch((error: Error) => error.message);
      expect([first, 'git was ended by SIGKILL while it read objects; run again']).toContainEqual(asked);
      expect(await tree.list([path('orgs')])).toEqual(first);
      expect(repository.counters.processes).toBe(2);
    },
  );

  it('takes no name with a slash for a file of another folder, and no damaged tree for a short one', async () => {
    const hashed = (type: string, bytes: Buffer): string =>
      execFileSync('git', ['hash-object', '-t', type, '-w', '--literally', '--stdin'], { cwd: dir, input: bytes })
        .toString()
        .trim();
    const blob = hashed('blob', Buffer.from('a: 1\n'));
    const held = (mode: string, name: string, id: string): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);
    const within = hashed('tree', held('100644', 'org.yaml', blob));
    const orgs = hashed(
      'tree',
      Buffer.concat([
        held('100644', 'acme/org.yaml', blob),
        held('40000', 'bravo/teams', within),
        held('40000', '..', within),
      ]),
    );
    const committed = (tree: string): CommitId => git('commit-tree', '-m', 'hostile', tree) as CommitId;
    const repository = openRepository(dir);
    const tree = repository.treeAt(committed(hashed('tree', held('40000', 'orgs', orgs))));
    const shown = (await tree.list([path('orgs')])).odd.map((odd) => odd.shown);
    expect(shown.sort()).toEqual(['"orgs/../org.yaml"', '"orgs/acme/org.yaml"', '"orgs/bravo/teams"']);
    expect((await tree.list([path('orgs')])).entries).toEqual([]);
    expect((await tree.list([path('orgs/acme')])).entries).toEqual([]);
    const others = Array.from({ length: 300 }, (_, index) => held('40000', `many-${index}`, within));
    const many = hashed('tree', Buffer.concat([held('100644', 'acme/org.yaml', blob), ...others]));
    const large = await repository.treeAt(committed(hashed('tree', held('40000', 'orgs', many)))).list([path('orgs')]);
    expect(large.odd.map((odd) => odd.shown)).toEqual(['"orgs/acme/org.yaml"']);
    expect(large.entries.filter((entry) => !entry.path.startsWith('orgs/many-'))).toEqual([]);
    for (const cut of [3, 12, 20]) {
      const damaged = hashed('tree', held('40000', 'orgs', orgs).subarray(0, -cut));
      await expect(repository.treeAt(committed(damaged)).inside(path('orgs'))).rejects.toThrow('found a damaged one');
    }
  });

  it('compares commits without a look at the index, which holds the whole fleet', async () => {
    const first = git('rev-parse', 'HEAD') as CommitId;
    put('orgs/acme/org.yaml', 'a: 5\n');
    const second = commit('only acme') as CommitId;
    writeFileSync(join(dir, '.git/index'), 'no index that git could read');
    expect(await openRepository(dir).changed(first, second, path('orgs'))).toEqual(['orgs/acme']);
  });

  it('sees edits, new, removed, executable and linked files as a commit of them would be', async () => {
    put('orgs/acme/org.yaml', 'a: 2\n');
    put('orgs/new/org.yaml', 'n: 1\n');
    rmSync(join(dir, 'orgs/bravo'), { recursive: true });
    symlinkSync('/etc/passwd', join(dir, 'orgs/acme/link.yaml'));
    put('orgs/acme/tool.yaml', 'x: 1\n');
    chmodSync(join(dir, 'orgs/acme/tool.yaml'), 0o755);
    const before = await openRepository(dir)
      .workTree()
      .list([path('orgs')]);
    const inside = await openRepository(dir).workTree().inside(path('orgs'));
    const id = commit('second');
    const repository = openRepository(dir);
    const resolved = await repository.resolve(id);
    if (resolved === undefined) throw new Error('expected a commit');
    expect(before).toEqual(await repository.treeAt(resolved).list([path('orgs')]));
    expect([...inside.folders.keys()].sort()).toEqual(['acme', 'new']);
    const link = before.entries.filter((entry) => entry.mode === '120000');
    expect((await openRepository(dir).workTree().read(link, 1000)).get(path('orgs/acme/link.yaml'))).toBeNull();
  });

  it('sees files with the line ends and modes that git keeps of them, where its settings make these others than on the disk', async () => {
    git('config', 'core.autocrlf', 'true');
    git('config', 'core.fileMode', 'false');
    git('update-index', '--chmod=+x', 'orgs/bravo/org.yaml');
    put('orgs/acme/org.yaml', 'a: 2\r\n');
    put('orgs/bravo/org.yaml', 'c: 4\r\n');
    put('orgs/new/a file ä.yaml', 'n: 1\r\n');
    for (const file of ['acme/org.yaml', 'bravo/org.yaml', 'new/a file ä.yaml'])
      chmodSync(join(dir, 'orgs', file), 0o777);
    const before = await openRepository(dir)
      .workTree()
      .list([path('orgs')]);
    const id = commit('second') as CommitId;
    expect(git('status', '--porcelain')).toBe('');
    expect(before).toEqual(
      await openRepository(dir)
        .treeAt(id)
        .list([path('orgs')]),
    );
    expect(before.entries.map(({ mode }) => mode)).toEqual(['100644', '100644', '100755', '100644']);
  });

  it('sees a submodule also while it is staged and when it moved on, and a folder in the place of a file', async () => {
    const inner = join(dir, 'orgs/inner');
    const within = (...args: string[]): string =>
      git('-C', inner, '-c', 'user.name=A', '-c', 'user.email=a@b.example', ...args);
    const modes = async () => {
      const { entries } = await openRepository(dir)
        .workTree()
        .list([path('orgs')]);
      return entries.map((entry) => [entry.path, entry.mode]);
    };
    mkdirSync(inner);
    within('init', '-q');
    within('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'one');
    rmSync(join(dir, 'orgs/acme/teams/support.yaml'));
    mkdirSync(join(dir, 'orgs/acme/teams/support.yaml'));
    const rest = [
      ['orgs/acme/org.yaml', '100644'],
      ['orgs/bravo/org.yaml', '100644'],
      ['orgs/inner', '160000'],
    ];
    expect(await modes()).toEqual(rest);
    git('-c', 'advice.addEmbeddedRepo=false', 'add', '-A');
    expect(await modes()).toEqual(rest);
    commit('a submodule');
    expect(await modes()).toEqual(rest);
    within('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'two');
    expect(await modes()).toEqual(rest);
  });

  it('sees the files of a folder that took the place of a file before anybody stages them', async () => {
    rmSync(join(dir, 'orgs/acme/org.yaml'));
    put('orgs/acme/org.yaml/deep/inner.yaml', 'n: 1\n');
    const paths = async () => {
      const repository = openRepository(dir);
      const { entries } = await repository.workTree().list([path('orgs/acme')]);
      return [entries.map((entry) => entry.path), await repository.dirtyPaths()];
    };
    const seen = [
      ['orgs/acme/org.yaml/deep/inner.yaml', 'orgs/acme/teams/support.yaml'],
      ['orgs/acme/org.yaml', 'orgs/acme/org.yaml/deep/inner.yaml'],
    ];
    expect(await paths()).toEqual(seen);
    git('add', '-A');
    expect(await paths()).toEqual(seen);
  });

  it('waits for nobody who would write into a pipe: to git the file is gone', async () => {
    rmSync(join(dir, 'orgs/acme/org.yaml'));
    execFileSync('mkfifo', [join(dir, 'orgs/acme/org.yaml')]);
    const id = git('rev-parse', 'HEAD:orgs/acme/org.yaml') as GitId;
    const tree = openRepository(dir).workTree();
    const { entries } = await tree.list([path('orgs/acme')]);
    expect(entries.map((entry) => entry.path)).toEqual(['orgs/acme/teams/support.yaml']);
    const pipe = { path: path('orgs/acme/org.yaml'), mode: '100644', id };
    expect(await tree.read([pipe], 1000)).toEqual(new Map([[pipe.path, null]]));
  });

  it('reads what a sparse checkout leaves out as it is committed, and nothing that is gone', async () => {
    git('sparse-checkout', 'set', '--cone', 'orgs/acme');
    expect(existsSync(join(dir, 'orgs/bravo'))).toBe(false);
    rmSync(join(dir, 'orgs/acme/teams/support.yaml'));
    const tree = openRepository(dir).workTree();
    const { entries } = await tree.list([path('orgs')]);
    const texts = [...(await tree.read(entries, 1000))].map(([file, body]) => [
      file,
      Buffer.from(body ?? []).toString(),
    ]);
    expect(texts).toEqual([
      ['orgs/acme/org.yaml', 'a: 1\n'],
      ['orgs/bravo/org.yaml', 'c: 3\n'],
    ]);
    expect([...(await tree.read(entries, 4)).values()]).toEqual([null, null]);
  });

  it('says that it does not read ids of SHA-256', async () => {
    const other = join(dir, '.git/long');
    mkdirSync(other);
    execFileSync('git', ['init', '-q', '--object-format=sha256'], { cwd: other });
    const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@acme.example'];
    git('-C', other, ...who, 'commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'first');
    const words = /SHA-256, which is not supported; .*--object-format=sha1/;
    await expect(
      openRepository(other)
        .workTree()
        .list([path('orgs')]),
    ).rejects.toThrow(words);
  });

  it.skipIf(!hasSshKeygen)(
    'is told of commits whatever a person likes to see in a log (needs ssh-keygen)',
    async () => {
      git('config', 'log.showSignature', 'true');
      git('config', 'i18n.logOutputEncoding', 'ISO-8859-1');
      git('config', 'user.name', 'Jürgen');
      const key = join(dir, '.git/key');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
      const signed = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}`];
      put('fleet.yaml', 'd: 5\n');
      git('add', '-A');
      git(...signed, 'commit', '-q', '-S', '-m', 'größer');
      const repository = openRepository(dir);
      const head = (await repository.head()) ?? never();
      const told = { author: 'Jürgen <ana@acme.example>', subject: 'größer' };
      expect(await repository.facts(head)).toMatchObject(told);
      expect((await repository.writtenBy(path('fleet.yaml'), head))[0]).toMatchObject(told);
      expect(await repository.authors({ from: null, to: head }, [path('fleet.yaml')])).toContain(told.author);
    },
  );

  it('sees what stands beside folders, and nothing of what lies behind a link, as a commit of it would be', async () => {
    const other = join(dir, '.git/elsewhere');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'org.yaml'), 'e: 1\n');
    rmSync(join(dir, 'orgs/bravo'), { recursive: true });
    symlinkSync(other, join(dir, 'orgs/bravo'));
    put('orgs/notes.md', 'hello\n');
    git('init', '-q', 'orgs/nested');
    git(
      '-C',
      'orgs/nested',
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@b.example',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    );
    const [inside, listed] = await Promise.all([
      openRepository(dir).workTree().inside(path('orgs')),
      openRepository(dir)
        .workTree()
        .list([path('orgs')]),
    ]);
    expect([inside.odd, listed.odd]).toEqual([[], []]);
    const modes = inside.entries.map((entry) => `${entry.mode} ${entry.path}`);
    expect(modes).toEqual(['120000 orgs/bravo', '160000 orgs/nested', '100644 orgs/notes.md']);
    expect([...inside.folders.keys()]).toEqual(['acme']);
    const resolved = await openRepository(dir).resolve(commit('second'));
    if (resolved === undefined) throw new Error('expected a commit');
    const committed = await openRepository(dir).treeAt(resolved).inside(path('orgs'));
    expect(committed.entries.map((entry) => `${entry.mode} ${entry.path}`)).toEqual(modes);
    expect(listed.entries.map((entry) => entry.path)).toEqual(
      (
        await openRepository(dir)
          .treeAt(resolved)
          .list([path('orgs')])
      ).entries.map((entry) => entry.path),
    );
  });

  it('finds names that are no UTF-8, or turn text around, before they are committed', async () => {
    const bytes = Buffer.concat([Buffer.from(`${join(dir, 'orgs/acme')}/`), Buffer.from([0xff]), Buffer.from('.yaml')]);
    writeFileSync(bytes, 'a: 1\n');
    put('orgs/\u202elmay.b', 'b: 1\n');
    const odd = [{ shown: JSON.stringify('orgs/acme/\ufffd.yaml') }, { shown: JSON.stringify('orgs/\u202elmay.b') }];
    const tree = openRepository(dir).workTree();
    const listed = await tree.list([path('orgs')]);
    expect(listed.odd).toMatchObject(odd);
    expect((await tree.inside(path('orgs'))).odd).toMatchObject([odd[1]]);
    const resolved = await openRepository(dir).resolve(commit('odd'));
    if (resolved === undefined) throw new Error('expected a commit');
    expect(
      (
        await openRepository(dir)
          .treeAt(resolved)
          .list([path('orgs')])
      ).odd,
    ).toMatchObject(odd);
  });

  it('finds a link in the place of a folder, and says so of a folder that the clone does not hold', async () => {
    rmSync(join(dir, 'orgs'), { recursive: true });
    symlinkSync('/etc', join(dir, 'orgs'));
    const inside = await openRepository(dir).workTree().inside(path('orgs'));
    expect([inside.folders.size, inside.entries.map((entry) => `${entry.mode} ${entry.path}`)]).toEqual([
      0,
      ['120000 orgs'],
    ]);
    const resolved = await openRepository(dir).resolve(commit('linked'));
    if (resolved === undefined) throw new Error('expected a commit');
    const repository = openRepository(dir);
    expect(await repository.treeAt(resolved).inside(path('orgs'))).toEqual(inside);
    const before = await repository.resolve('HEAD~1');
    if (before === undefined) throw new Error('expected a commit');
    const tree = git('rev-parse', 'HEAD~1:orgs');
    rmSync(join(dir, '.git/objects', tree.slice(0, 2), tree.slice(2)));
    await expect(repository.treeAt(before).inside(path('orgs'))).rejects.toThrow(
      `${tree.slice(0, 12)}, which is not there`,
    );
  });

  it('gives a dirty folder another id and leaves its neighbours alone', async () => {
    const { folders: clean } = await openRepository(dir).workTree().inside(path('orgs'));
    put('orgs/acme/org.yaml', 'a: 9\n');
    const { folders: dirty } = await openRepository(dir).workTree().inside(path('orgs'));
    expect(dirty.get('acme')).not.toBe(clean.get('acme'));
    expect(dirty.get('bravo')).toBe(clean.get('bravo'));
  });

  it('refuses bodies over the limit and keeps the order of the rest', async () => {
    put('big.yaml', 'x'.repeat(5000));
    commit('big');
    const repository = openRepository(dir);
    const head = await repository.head();
    if (head === undefined) throw new Error('expected a head');
    const { entries } = await repository.treeAt(head).list([path('big.yaml'), path('fleet.yaml')]);
    const bodies = await repository.treeAt(head).read(entries, 100);
    expect(bodies.get(path('big.yaml'))).toBeNull();
    expect(Buffer.from(bodies.get(path('fleet.yaml')) ?? []).toString()).toBe('d: 4\n');
  });

  it('tells what changed between commits by folder and follows first parents', async () => {
    const first = git('rev-parse', 'HEAD');
    put('orgs/acme/org.yaml', 'a: 5\n');
    const second = commit('only acme');
    const repository = openRepository(dir);
    const [base, head] = await Promise.all([repository.resolve(first), repository.resolve(second)]);
    if (base === undefined || head === undefined) throw new Error('expected commits');
    expect(await repository.changed(base, head, path('orgs'))).toEqual(['orgs/acme']);
    expect(await repository.changed(base, head, path('templates'))).toEqual([]);
    expect(await repository.firstParents(base, head)).toEqual([second]);
    expect(await repository.firstParents(head, base)).toBeUndefined();
    expect((await repository.facts(head)).author).toBe('Ana <ana@acme.example>');
    const writers = await repository.writtenBy(path('orgs/acme/org.yaml'), head);
    expect(writers.map((item) => item.id)).toEqual([second, first]);
  });

  it('knows the one commit that a merge brought, and of no other commit, nor where a clone cannot tell', async () => {
    const brought = async (at = dir) => {
      const repository = openRepository(at);
      const facts = await repository.facts((await repository.head()) ?? never());
      return (await repository.broughtBy(facts))?.subject;
    };
    const aside = (...subjects: readonly string[]): void => {
      git('checkout', '-q', '-b', `topic-${subjects.length}`);
      for (const subject of subjects) {
        put('orgs/acme/org.yaml', `a: ${subject}\n`);
        commit(subject);
      }
      git('checkout', '-q', '-');
      put('fleet.yaml', `d: beside ${subjects.length}\n`);
      commit('beside');
    };
    const merge = (...of: readonly string[]): string => git('merge', '-q', '--no-ff', '-m', 'Merge', ...of);
    expect(await brought()).toBeUndefined();
    aside('raise');
    merge('topic-1');
    expect(await brought()).toBe('raise');
    aside('lower', 'raise again');
    merge('topic-2');
    expect(await brought()).toBeUndefined();
    // A merge on the way may hold edits of its own.
    aside('lower', 'raise', 'lower again');
    git('checkout', '-q', '-b', 'topic-4', 'topic-3~2');
    merge('main');
    git('checkout', '-q', 'main');
    put('fleet.yaml', 'd: beside the merge\n');
    commit('beside');
    merge('topic-4');
    expect(await brought()).toBeUndefined();
    const shallow = `${dir}-shallow`;
    git('clone', '-q', '--depth', '2', `file://${dir}`, shallow);
    expect(await brought(shallow)).toBeUndefined();
    rmSync(shallow, { recursive: true });
  });

  it('names the commits that a head does not come from, also those that are not there', async () => {
    const first = git('rev-parse', 'HEAD') as CommitId;
    put('orgs/acme/org.yaml', 'a: 5\n');
    const second = commit('second') as CommitId;
    git('checkout', '-q', '-b', 'aside', first);
    put('orgs/acme/org.yaml', 'a: 6\n');
    const aside = commit('aside') as CommitId;
    const gone = 'f'.repeat(40) as CommitId;
    const repository = openRepository(dir);
    expect(await repository.strayed([first, second], second)).toEqual([]);
    expect(await repository.strayed([], second)).toEqual([]);
    expect(await repository.strayed([first, aside, second], second)).toEqual([aside]);
    expect(await repository.strayed([first, gone], second)).toEqual([gone]);
    expect(await repository.firstParents(gone, second)).toBeUndefined();
  });

  it('tells which files a change touches, committed or not, without listing the fleet', async () => {
    const first = git('rev-parse', 'HEAD');
    put('orgs/acme/org.yaml', 'a: 5\n');
    put('README.md', 'not checked\n');
    commit('only acme');
    put('orgs/bravo/org.yaml', 'c: 6\n');
    put('orgs/new/org.yaml', 'n: 1\n');
    rmSync(join(dir, 'orgs/acme/teams/support.yaml'));
    const repository = openRepository(dir);
    const base = (await repository.resolve(first)) ?? never();
    const processes = repository.counters.processes;
    const touched = await repository.touchedSince(base, [path('fleet.yaml'), path('orgs')]);
    expect([...touched].sort()).toEqual([
      'orgs/acme/org.yaml',
      'orgs/acme/teams/support.yaml',
      'orgs/bravo/org.yaml',
      'orgs/new/org.yaml',
    ]);
    // A look at the work tree, the names in the one new folder, and a compare of two trees.
    expect(repository.counters.processes - processes).toBe(3);
    expect(repository.counters.blobsRead).toBe(0);
  });

  it('names everyone who wrote part of a change, also on the side line of a merge, and nobody who only merged', async () => {
    const base = (await openRepository(dir).resolve('HEAD')) ?? never();
    git('checkout', '-q', '-b', 'side');
    put('orgs/acme/org.yaml', 'a: 6\n');
    git('add', '-A');
    git('-c', 'user.name=Otto', '-c', 'user.email=otto@msp.example', 'commit', '-q', '-m', 'side');
    git('checkout', '-q', 'main');
    put('orgs/bravo/org.yaml', 'c: 7\n');
    commit('beside it');
    git('-c', 'user.name=Mia', '-c', 'user.email=mia@msp.example', 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
    const repository = openRepository(dir);
    const to = (await repository.resolve('HEAD')) ?? never();
    const [acme, bravo] = [path('orgs/acme'), path('orgs/bravo')];
    expect(await repository.authors({ from: base, to }, [acme])).toEqual(['Otto <otto@msp.example>']);
    expect(await repository.authors({ from: base, to }, [bravo])).toEqual(['Ana <ana@acme.example>']);
    expect(await repository.authors({ from: null, to }, [acme, bravo])).toHaveLength(2);
    expect((await repository.writtenBy(path('orgs/acme/org.yaml'), to))[0]?.author).toBe('Mia <mia@msp.example>');

    // A merge that brings something of its own is written by who made it.
    git('checkout', '-q', '-b', 'other', 'HEAD~1');
    put('orgs/acme/org.yaml', 'a: 8\n');
    commit('other line');
    git('checkout', '-q', 'main');
    try {
      git('merge', '-q', '--no-commit', '--no-ff', 'other');
    } catch {
      // The conflict that the merge resolves its own way.
    }
    put('orgs/acme/org.yaml', 'a: 9\n');
    git('add', '-A');
    git('-c', 'user.name=Eve', '-c', 'user.email=eve@msp.example', 'commit', '-q', '-m', 'own way');
    const tip = (await repository.resolve('HEAD')) ?? never();
    expect(await repository.authors({ from: to, to: tip }, [acme])).toContain('Eve <eve@msp.example>');
  });

  it.skipIf(!hasSshKeygen)('knows who signed a commit, of the keys it is given alone (needs ssh-keygen)', async () => {
    const keys = ['otto', 'eve'].map((name) => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(dir, '.git', name)]);
      const [type, body] = readFileSync(join(dir, '.git', `${name}.pub`), 'utf8').split(' ');
      return { owner: `@msp/${name}`, key: `${type} ${body?.trim()}` };
    });
    const [otto = never(), eve = never()] = keys;
    const sign = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${join(dir, '.git/otto')}`];
    git(...sign, 'commit', '-q', '-S', '--allow-empty', '-m', 'signed');
    // What the repository's own configuration would run for signatures must not run.
    git('config', 'gpg.ssh.program', join(dir, '.git/trap'));
    git('config', 'gpg.ssh.allowedSignersFile', join(dir, '.git/trap'));
    const repository = openRepository(dir);
    const head = (await repository.head()) ?? never();
    expect(await repository.signedBy(head, [otto, eve])).toBe('@msp/otto');
    expect(await repository.signedBy(head, [eve])).toBeUndefined();
    expect(await repository.signedBy(head, [{ owner: '@msp/eve', key: `${otto.key} ` }])).toBeUndefined();
    expect(await repository.signedBy(head, [])).toBeUndefined();
    const [unsigned = never()] = (await repository.facts(head)).parents;
    expect(await repository.signedBy(unsigned, [otto, eve])).toBeUndefined();
  });

  it('resolves only commits, and nothing that looks like an option', async () => {
    const repository = openRepository(dir);
    expect(await repository.resolve('--output=x')).toBeUndefined();
    expect(await repository.resolve('nowhere')).toBeUndefined();
    expect(await repository.resolve('main')).toBe(git('rev-parse', 'HEAD'));
  });

  it('runs no hook, honours no replace ref', async () => {
    writeFileSync(join(dir, '.git/hooks/post-index-change'), '#!/bin/sh\ntouch hooked\n', { mode: 0o755 });
    const real = git('rev-parse', 'HEAD:fleet.yaml');
    const other = execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: dir,
      input: 'evil: 1\n',
      encoding: 'utf8',
    }).trim();
    git('replace', real, other);
    const repository = openRepository(dir);
    const head = await repository.head();
    if (head === undefined) throw new Error('expected a head');
    const { entries } = await repository.treeAt(head).list([path('fleet.yaml')]);
    const bodies = await repository.treeAt(head).read(entries, 1000);
    expect(Buffer.from(bodies.get(path('fleet.yaml')) ?? []).toString()).toBe('d: 4\n');
    expect(existsSync(join(dir, 'hooked'))).toBe(false);
  });

  it('starts no filter of the clone, and minds no settings that have none', async () => {
    const trap = join(dir, '.git/sprung');
    put('.git/more', '[core]\n\tautocrlf = false\n');
    git('config', 'include.path', 'more');
    expect(await openRepository(dir).dirtyPaths()).toEqual([]);
    git('config', 'filter.trap.clean', `touch ${trap}; cat`);
    git('config', 'filter.trap.process', `touch ${trap}`);
    git('config', 'filter.trap.required', 'true');
    put('.git/info/attributes', '*.yaml filter=trap\n');
    put('orgs/acme/org.yaml', 'a: 3\n');
    const repository = openRepository(dir);
    expect(await repository.dirtyPaths()).toEqual(['orgs/acme/org.yaml']);
    expect(await repository.resolve('main')).toBe(git('rev-parse', 'HEAD'));
    expect(existsSync(trap)).toBe(false);
  });

  it('says plainly that a folder is no repository', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tenantry-nogit-'));
    await expect(openRepository(empty).head()).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    rmSync(empty, { recursive: true });
  });

  // Only root can give a folder away.
  it.runIf(process.getuid?.() === 0)(
    'says that a repository is somebody else’s, also where it asks for a commit',
    async () => {
      chownSync(dir, 65_534, 65_534);
      const words = { code: 'GIT_FOREIGN_OWNER', message: expect.stringContaining(`safe.directory ${dir}`) };
      const repository = openRepository(dir);
      await expect(repository.head()).rejects.toMatchObject(words);
      await expect(repository.resolve('main')).rejects.toMatchObject(words);
    },
  );

  it('writes all files or none, and removes emptied folders', async () => {
    const write = openWriteTree(dir);
    await write.write(
      new Map([
        [path('orgs/new/teams/a.yaml'), 'x: 1\n'],
        [path('orgs/bravo/org.yaml'), null],
      ]),
    );
    expect(existsSync(join(dir, 'orgs/new/teams/a.yaml'))).toBe(true);
    expect(existsSync(join(dir, 'orgs/bravo'))).toBe(false);
    await expect(
      write.write(
        new Map([
          [path('orgs/ok.yaml'), 'x: 1\n'],
          [path('fleet.yaml/impossible.yaml'), 'x: 1\n'],
        ]),
      ),
    ).rejects.toThrow();
    expect(readdirSync(join(dir, 'orgs')).filter((name) => name.startsWith('ok'))).toEqual([]);
    // Neither what was begun nor the folders for it: the same command can be tried again.
    const tooLong = path(`orgs/fresh/teams/${'x'.repeat(240)}.yaml`);
    await expect(
      write.write(
        new Map([
          [path('orgs/fresh/org.yaml'), 'x: 1\n'],
          [tooLong, 'x: 1\n'],
        ]),
      ),
    ).rejects.toThrow('ENAMETOOLONG');
    expect(existsSync(join(dir, 'orgs/fresh'))).toBe(false);
  });

  it.each([
    ['to write', 'x: 1\n'],
    ['to remove', null],
  ])('writes nothing where a folder stands in the place of a file %s', async (_, text) => {
    mkdirSync(join(dir, 'orgs/acme/wallets.yaml'));
    const files = new Map([
      [path('orgs/acme/org.yaml'), 'a: 2\n'],
      [path('orgs/acme/wallets.yaml'), text],
    ]);
    await expect(openWriteTree(dir).write(files)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: 'expected a file or nothing at orgs/acme/wallets.yaml, found a folder; move it away',
    });
    expect(git('status', '--porcelain')).toBe('');
  });
});
