import type { Signer } from '../../ports/index.ts';
import type { SigningKeys } from '../../trust/index.ts';
import { type Enrolled, impostor, type Stage, see } from './stage.ts';

/** The publish seed signs targets of every org: alone it leads nobody anywhere, with the online seed it forges. */
export async function stolenPublishKey(stage: Stage): Promise<void> {
  const { ground } = stage;
  await stage.publish();
  const running = await stage.enrol('running');
  await stage.pull(running);
  const stolen = await ground.steal('publish');
  await ground.mirror();
  await unledTargets(stage, running, stolen);
  await ownSnapshot(stage, running, stolen);
  const online = await ground.steal('online');
  const both = together(stolen, online);
  await bothSeeds(stage, running, both);
  await recover(stage, running, both);
}

async function unledTargets(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  const theft = { signer: impostor(stolen, 'publish'), epochs: stage.epochs(), bundles: [stage.forged()] };
  const forged = await stage.forge({ ...theft, isLedTo: false });
  gateway.source = stage.ground.taken;
  await see(stage, gateway, {
    who: 'thief',
    what: 'signs targets with content of his own and puts them where the next version belongs',
    expected: 'runs generation 1',
    note: 'No snapshot names the file, so no gateway asks for it.',
  });
  await replaceTargets(stage, forged.targetsVersion);
  const fresh = await stage.enrol('fresh');
  fresh.source = stage.ground.taken;
  await see(stage, fresh, {
    who: 'thief',
    what: 'puts them in the place of the targets that are published; a new gateway comes and asks',
    expected: 'refuses with TRUST_LENGTH, runs nothing',
    note: 'The snapshot names length and SHA-256 of the genuine file. The gateway acknowledges `rejected`.',
  });
}

/** Writes his targets file over the one before it, in his copy. */
async function replaceTargets(stage: Stage, version: number): Promise<void> {
  const { taken } = stage.ground;
  const bytes = (await taken.get(stage.org, `${version}.targets.json`)) ?? new Uint8Array(0);
  const genuine = `${version - 1}.targets.json`;
  const over = (await taken.get(stage.org, genuine)) ?? new Uint8Array(0);
  await taken.putMutable(stage.org, genuine, bytes, stage.hash.sha256(over));
}

async function ownSnapshot(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await stage.ground.mirror();
  const theft = { signer: impostor(stolen, 'publish'), epochs: stage.epochs(), bundles: [stage.forged()] };
  await stage.forge({ ...theft, isLedTo: true });
  gateway.source = stage.ground.taken;
  await see(stage, gateway, {
    who: 'thief',
    what: 'signs snapshot and timestamp with the publish key too',
    expected: 'refuses with TRUST_SIGNATURE, runs generation 1',
    note: 'The gateway acknowledges `rejected TRUST_SIGNATURE`. The publish key alone forges nothing.',
  });
}

async function bothSeeds(stage: Stage, gateway: Enrolled, both: SigningKeys): Promise<void> {
  await signWithBoth(stage, gateway, both);
  await see(stage, gateway, {
    who: 'thief',
    what: 'has stolen the online seed as well, and signs with both',
    expected: 'runs what the thief wrote',
    note: 'This is the bound of the design: both seeds together forge, for every org, until they are replaced. `tenantry status` shows a digest that was never published.',
  });
}

async function recover(stage: Stage, gateway: Enrolled, both: SigningKeys): Promise<void> {
  await stage.rotate('publish', { withNewSeed: true });
  await signWithBoth(stage, gateway, both);
  await see(stage, gateway, {
    who: 'operator',
    what: 'runs `tenantry keys rotate --role publish --new-seed`; the thief signs with both former seeds once more',
    expected: 'refuses with TRUST_SIGNATURE, runs what the thief wrote',
    note: 'He forges nothing more, and still has the online seed, with what that gains: see the other drill.',
  });
  await stage.rotate('online', { withNewSeed: true });
  gateway.source = stage.ground.published;
  await see(stage, gateway, {
    who: 'operator',
    what: 'runs `tenantry keys rotate --role online --new-seed`',
    expected: 'runs generation 1',
    note: 'The gateway is back with what the org published. Nobody touched it.',
  });
  await signWithBoth(stage, gateway, both);
  await see(stage, gateway, {
    who: 'thief',
    what: 'signs content of his own with both former seeds again',
    expected: 'refuses with TRUST_SIGNATURE, runs generation 1',
    note: 'Destroy both former seeds.',
  });
  gateway.source = stage.ground.published;
  await stage.publish();
  await see(stage, gateway, {
    who: 'org',
    what: 'publishes generation 2',
    expected: 'runs generation 2',
    note: 'Everything is as before the theft.',
  });
}

/** Leads the gateway to a copy with content of the thief's, for which he signs in every role. */
async function signWithBoth(stage: Stage, gateway: Enrolled, both: SigningKeys): Promise<void> {
  await stage.ground.mirror();
  await stage.forge({ signer: both, epochs: stage.epochs(), bundles: [stage.forged()], isLedTo: true });
  gateway.source = stage.ground.taken;
}

function together(publish: Signer, online: Signer): SigningKeys {
  const of = (role: Parameters<SigningKeys['sign']>[0]): Signer => (role === 'targets' ? publish : online);
  return {
    publicKey: (role, org, epoch) => of(role).publicKey(role, org, epoch),
    sign: (role, org, epoch, bytes) => of(role).sign(role, org, epoch, bytes),
  };
}
