import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgeries } from '../src/trust/forgeries.testkit.ts';
import { Forgery } from '../src/trust/forgery.testkit.ts';
import { rotateOrg } from '../src/trust/index.ts';
import { GATEWAY, type MemoryFiles, ORG, Publishing, scratch } from '../src/trust/trust.testkit.ts';

// What we publish is read by TUF clients that know nothing of us: tuf-js without our guard, and python-tuf.

const publishing = new Publishing();
/** What the server has: what was published, unless a test puts other files in its place. */
let served: MemoryFiles = publishing.files;
let server: Server;
let url = '';

beforeAll(async () => {
  publishing.nowMs = Date.now();
  await publishing.publish({ [GATEWAY]: 'one', other: 'other' });
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('expected a publication');
  const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
  publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
  await publishing.publish({ [GATEWAY]: 'two', other: 'other' });
  server = createServer((request, response) => {
    const bytes = served.files.get((request.url ?? '').slice(1));
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${ORG}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Folders of a foreign client that trusts the first root. */
function foldersIn(
  dir: string,
  root = publishing.file('1.root.json'),
): { readonly metadata: string; readonly targets: string } {
  const folders = { metadata: join(dir, 'metadata'), targets: join(dir, 'targets') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  writeFileSync(join(folders.metadata, 'root.json'), root);
  return folders;
}

const bundleBytes = (): Uint8Array => {
  const sha256 = publishing.publication?.targets[GATEWAY]?.bundle.sha256;
  return publishing.file(`targets/${GATEWAY}/${sha256}.bundle.tar`);
};

describe('a published tree', () => {
  it('is read by tuf-js, over a rotation, up to the bundle', () =>
    scratch(async (dir) => {
      const { metadata, targets } = foldersIn(dir);
      const updater = new Updater({
        metadataDir: metadata,
        metadataBaseUrl: url,
        targetDir: targets,
        targetBaseUrl: `${url}/targets`,
      });
      await updater.refresh();
      const target = await updater.getTargetInfo(`${GATEWAY}/bundle.tar`);
      if (target === undefined) throw new Error('expected the target');
      expect(target.custom).toMatchObject({ org: ORG, gateway: GATEWAY, generation: 2 });
      const path = await updater.downloadTarget(target, join(targets, 'bundle.tar'));
      expect(new Uint8Array(readFileSync(path))).toEqual(bundleBytes());
    }));

  it.skipIf(!hasPythonTuf())('is read by python-tuf too (skipped where `python3 -m pip install tuf` was not run)', () =>
    scratch(async (dir) => {
      const { metadata, targets } = foldersIn(dir);
      const child = spawn('python3', ['-c', PYTHON, metadata, targets, url, `${GATEWAY}/bundle.tar`], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, errors]: Buffer[][] = [[], []];
      child.stdout.on('data', (part: Buffer) => out?.push(part));
      child.stderr.on('data', (part: Buffer) => errors?.push(part));
      const [code] = await once(child, 'close');
      expect([code, Buffer.concat(errors ?? []).toString('utf8')]).toEqual([0, '']);
      expect(JSON.parse(Buffer.concat(out ?? []).toString('utf8'))).toMatchObject({
        org: ORG,
        gateway: GATEWAY,
        generation: 2,
      });
      expect(new Uint8Array(readFileSync(join(targets, 'bundle.tar')))).toEqual(bundleBytes());
    }),
  );
});

/** Some of what tuf-js takes when nothing stands in front of it; each is refused behind our guard. */
const TAKEN: readonly string[] = [
  'no date',
  'a date that never comes',
  'a date without a zone',
  'a version too large to count',
  'no hash of the snapshot',
  'md5 alone',
  'other bytes under the same version',
  'targets without a hash',
  'of another org',
  'another org',
  'a field that stands twice',
  'an archive with a link in it',
];

describe('plain tuf-js', () => {
  it('takes what our guard is there to refuse', () =>
    scratch(async (dir) => {
      const org = new Publishing();
      org.nowMs = Date.now();
      await org.publish({ [GATEWAY]: 'zero', other: 'other' });
      await org.publish({ [GATEWAY]: 'one', other: 'other' });
      const taken: string[] = [];
      for (const [index, { name, forge }] of forgeries.filter((one) => TAKEN.includes(one.name)).entries()) {
        const forgery = new Forgery(org);
        await forge(forgery);
        const own = join(dir, `${index}`);
        mkdirSync(own);
        const { metadata, targets } = foldersIn(own, org.file('1.root.json'));
        const options = {
          metadataDir: metadata,
          metadataBaseUrl: url,
          targetDir: targets,
          targetBaseUrl: `${url}/targets`,
        };
        const pull = async (files: MemoryFiles): Promise<void> => {
          served = files;
          const updater = new Updater(options);
          await updater.refresh();
          const target = await updater.getTargetInfo(`${GATEWAY}/bundle.tar`);
          if (target !== undefined) await updater.downloadTarget(target, join(targets, 'bundle.tar'));
        };
        await pull(org.files);
        await pull(forgery.files).then(
          () => taken.push(name),
          () => undefined,
        );
      }
      served = publishing.files;
      expect(taken.toSorted()).toEqual(TAKEN.toSorted());
    }));
});

const PYTHON = `
import json, sys
from tuf.ngclient import Updater
metadata, targets, url, name = sys.argv[1:]
with open(metadata + '/root.json', 'rb') as file:
    root = file.read()
updater = Updater(metadata, url, targets, url + '/targets', bootstrap=root)
updater.refresh()
info = updater.get_targetinfo(name)
updater.download_target(info, targets + '/bundle.tar')
print(json.dumps(info.custom))
`;

function hasPythonTuf(): boolean {
  try {
    execFileSync('python3', ['-c', 'import tuf.ngclient'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
