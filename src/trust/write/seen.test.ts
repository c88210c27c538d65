import { describe, expect, it } from 'vitest';
import type { Publication } from '../../core/model/index.ts';
import { rotateOrg, seenPublication } from '../index.ts';
import { bytesOf, GATEWAY, ORG, OTHER_ORG, Publishing, signerOf } from '../trust.testkit.ts';

// What a store that was put back learns of its own publications: what the keys signed that the roots name, and nothing else.

const seen = (publishing: Publishing, own = publishing.publication) => seenPublication({ ...publishing.trust }, own);
const known = (publishing: Publishing): Publication => publishing.publication as Publication;
const rotate = async (publishing: Publishing): Promise<void> => {
  publishing.nowMs += 1000;
  const { trust, nextTimestamp } = publishing;
  const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
  publishing.keep(await rotateOrg({ ...trust, nextTimestamp, publication: known(publishing), epochs }));
};

/** What a backup holds, and what was published after it. */
async function restored(): Promise<{ readonly publishing: Publishing; readonly backup: Publication }> {
  const publishing = new Publishing();
  await publishing.publish({ [GATEWAY]: 'one' });
  const backup = known(publishing);
  await publishing.publish({ [GATEWAY]: 'two', front: 'other' });
  return { publishing, backup };
}

describe('a store from a backup', () => {
  it('learns all that it would know, from what its own keys signed', async () => {
    const { publishing, backup } = await restored();
    expect(await seen(publishing, backup)).toEqual(known(publishing));
    expect(await seen(publishing, undefined)).toEqual(known(publishing));
  });

  it('follows a rotation that it knows nothing of', async () => {
    const { publishing, backup } = await restored();
    await rotate(publishing);
    expect(await seen(publishing, backup)).toEqual(known(publishing));
  });

  it.each([
    ['1.root.json', 'PUBLISH_ROOT_CHANGED'],
    ['timestamp.json', 'PUBLISH_DAMAGED'],
    ['2.snapshot.json', 'PUBLISH_DAMAGED'],
    ['2.targets.json', 'PUBLISH_DAMAGED'],
  ])('learns nothing from files of which %s is by others, not signed, or gone', async (name, code) => {
    const { publishing, backup } = await restored();
    const others = new Publishing(ORG, undefined, signerOf('others'));
    for (const text of ['one', 'two']) await others.publish({ [GATEWAY]: text });
    const { files } = publishing.files;
    const path = `${ORG}/${name}`;
    const right = publishing.file(name);
    for (const bytes of [others.file(name), bytesOf('{}'), new Uint8Array(0)]) {
      files.set(path, bytes);
      await expect(seen(publishing, backup)).rejects.toMatchObject({ code });
    }
    files.delete(path);
    await expect(seen(publishing, backup)).rejects.toMatchObject({ code: expect.stringMatching(/^PUBLISH_/) });
    files.set(path, right);
    expect(await seen(publishing, backup)).toEqual(known(publishing));
  });

  it('learns nothing from a root that the one before it did not sign', async () => {
    const { publishing, backup } = await restored();
    const others = new Publishing(ORG, undefined, signerOf('others'));
    await others.publish({ [GATEWAY]: 'one' });
    await rotate(others);
    publishing.files.files.set(`${ORG}/2.root.json`, others.file('2.root.json'));
    await expect(seen(publishing, backup)).rejects.toMatchObject({ code: 'PUBLISH_ROOT_CHANGED' });
  });

  it('learns nothing from an older file that the same keys signed, under a newer name', async () => {
    const { publishing, backup } = await restored();
    for (const role of ['snapshot', 'targets']) {
      const path = `${ORG}/2.${role}.json`;
      const right = publishing.file(`2.${role}.json`);
      publishing.files.files.set(path, publishing.file(`1.${role}.json`));
      await expect(seen(publishing, backup)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
      publishing.files.files.set(path, right);
    }
  });

  it('learns nothing of another org, whose keys may be the same where they are pooled', async () => {
    const { signer } = new Publishing();
    const pooled = { ...signer, publicKey: pool(signer.publicKey), sign: pool(signer.sign) } as typeof signer;
    const publishing = new Publishing(ORG, undefined, pooled);
    const other = new Publishing(OTHER_ORG, undefined, pooled);
    for (const one of [publishing, other]) await one.publish({ [GATEWAY]: 'one' });
    for (const name of ['timestamp.json', '1.snapshot.json', '1.targets.json'])
      publishing.files.files.set(`${ORG}/${name}`, other.file(name));
    await expect(seen(publishing)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
    const elsewhere = seenPublication({ ...other.trust, fleet: 'elsewhere' }, other.publication);
    await expect(elsewhere).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
  });
});

/** Asks for the key of one org, whichever org is meant. */
function pool<Rest extends readonly unknown[], Answer>(
  ask: (role: never, org: never, ...rest: Rest) => Answer,
): (role: never, org: never, ...rest: Rest) => Answer {
  return (role, _org, ...rest) => ask(role, ORG as never, ...rest);
}
