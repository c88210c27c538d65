import type { TrustRole } from '../../core/model/index.ts';
import type { Signer } from '../../ports/index.ts';
import { type Enrolled, impostor, type Stage, see, type Theft } from './stage.ts';

const DAY_MS = 86_400_000;
/** Longer than any role lives, so that the day of the first refusal is found. */
const MOST_DAYS = 40;
/** The highest version that a verifier takes. */
const HIGHEST_VERSION = 2 ** 40;

/** The online seed signs snapshot and timestamp of every org: what is gained by it, and how it is lost again. */
export async function stolenOnlineKey(stage: Stage): Promise<void> {
  const { ground } = stage;
  await stage.publish();
  const [forging, frozen, pushed] = [await at(stage, 'forging'), await at(stage, 'frozen'), await at(stage, 'pushed')];
  const stolen = await ground.steal('online');
  await ground.mirror();
  await forgeContent(stage, forging, stolen);
  const known = stage.standing();
  await stage.publish();
  await freeze(stage, frozen, {
    signer: impostor(stolen, 'online'),
    epochs: known.epochs,
    isLedTo: true,
    publication: known,
  });
  await pushForward(stage, pushed, stolen);
  await rotateWithinTheSeed(stage, pushed, stolen);
  await rotateToNewSeed(stage, pushed, stolen);
}

/** A gateway that runs generation 1. */
async function at(stage: Stage, name: string): Promise<Enrolled> {
  const gateway = await stage.enrol(name);
  await stage.pull(gateway);
  return gateway;
}

async function forgeContent(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await stage.forge({
    ...{ signer: impostor(stolen, 'online'), epochs: stage.epochs(), isLedTo: true },
    bundles: [stage.forged()],
  });
  gateway.source = stage.ground.taken;
  await see(stage, gateway, {
    who: 'thief',
    what: 'signs content of his own with the online key: targets, snapshot and timestamp',
    expected: 'refuses with TRUST_SIGNATURE, runs generation 1',
    note: 'The gateway acknowledges `rejected TRUST_SIGNATURE`, and `tenantry status` shows it. The online key forges nothing.',
  });
}

/** He keeps what he copied when generation 1 was the newest, under new snapshots and timestamps, day after day. */
async function freeze(stage: Stage, gateway: Enrolled, theft: Theft): Promise<void> {
  gateway.source = stage.ground.taken;
  const startMs = stage.nowMs;
  let days = 0;
  let last = '';
  while (days < MOST_DAYS) {
    stage.nowMs = startMs + (days + 1) * DAY_MS;
    await stage.forge(theft);
    last = await stage.pull(gateway);
    if (last !== 'runs generation 1') break;
    days += 1;
  }
  stage.nowMs = startMs;
  stage.steps.push({
    who: 'thief',
    what: 'holds generation 2 back from a gateway whose downloads he controls, and signs the targets of generation 1 anew each day',
    expected: 'runs generation 1 for 29 days, then refuses with TRUST_EXPIRED, runs generation 1',
    got: `runs generation 1 for ${days} days, then ${last}`,
    note: 'In `tenantry status` the gateway acknowledges another digest than is published, while its configuration looks fresh to itself. What bounds it is the life of targets, 30 days, which the publish key signs.',
  });
}

async function pushForward(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await highestTimestamp(stage, gateway, stolen);
  await see(stage, gateway, {
    who: 'thief',
    what: `signs a timestamp of the highest version that there is, ${HIGHEST_VERSION}`,
    expected: 'runs generation 2',
    note: 'Nothing is to be seen yet: the content is genuine.',
  });
  gateway.source = stage.ground.published;
  await stage.publish();
  await see(stage, gateway, {
    who: 'org',
    what: 'publishes generation 3',
    expected: 'refuses with TRUST_ROLLBACK, runs generation 2',
    note: 'The gateway acknowledges `rejected TRUST_ROLLBACK`: no honest version is high enough any more. It goes on answering requests.',
  });
}

/** Leads the gateway to a copy with the highest timestamp that there is. */
async function highestTimestamp(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await stage.ground.mirror();
  await stage.forge({
    ...{ signer: impostor(stolen, 'online'), epochs: stage.epochs(), isLedTo: true },
    timestampVersion: HIGHEST_VERSION,
  });
  gateway.source = stage.ground.taken;
}

async function rotateWithinTheSeed(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await stage.rotate('online', { withNewSeed: false });
  await see(stage, gateway, {
    who: 'operator',
    what: 'runs `tenantry keys rotate --role online`: the next epoch of the same seed',
    expected: 'runs generation 3',
    note: 'The new root names other keys, so floors of the former ones no longer count. Nobody touched the gateway.',
  });
  await highestTimestamp(stage, gateway, stolen);
  await stage.pull(gateway);
  gateway.source = stage.ground.published;
  await stage.publish();
  await see(stage, gateway, {
    who: 'thief',
    what: 'derives the key of the next epoch from the seed that he has, and does it again; the org publishes generation 4',
    expected: 'refuses with TRUST_ROLLBACK, runs generation 3',
    note: 'A next epoch is enough when one derived key leaked. It is not enough when the seed did.',
  });
}

async function rotateToNewSeed(stage: Stage, gateway: Enrolled, stolen: Signer): Promise<void> {
  await stage.rotate('online', { withNewSeed: true });
  await see(stage, gateway, {
    who: 'operator',
    what: 'runs `tenantry keys rotate --role online --new-seed`',
    expected: 'runs generation 4',
    note: 'The gateway follows by itself, from the highest versions too.',
  });
  stage.steps.push({
    who: 'thief',
    what: 'signs with every key that he can derive, up to epoch 9',
    expected: 'refuses with TRUST_SIGNATURE, runs generation 4',
    got: await everyEpoch(stage, gateway, { stolen, holder: 'online', roles: ['snapshot', 'timestamp'] }),
    note: 'Destroy the former seed. A gateway that he cuts off from the new root stays as in the second step, until its targets expire.',
  });
  gateway.source = stage.ground.published;
  await stage.publish();
  await see(stage, gateway, {
    who: 'org',
    what: 'publishes generation 5',
    expected: 'runs generation 5',
    note: 'Everything is as before the theft.',
  });
}

interface Guess {
  readonly stolen: Signer;
  readonly holder: 'online' | 'publish';
  readonly roles: readonly TrustRole[];
}

const MOST_EPOCHS = 9;

/** What the gateway answers to each epoch that the thief can derive; one answer when they are all the same. */
export async function everyEpoch(stage: Stage, gateway: Enrolled, guess: Guess): Promise<string> {
  const answers = new Set<string>();
  for (let epoch = 1; epoch <= MOST_EPOCHS; epoch += 1) {
    await stage.ground.mirror();
    const epochs = { ...stage.epochs(), ...Object.fromEntries(guess.roles.map((role) => [role, epoch])) };
    await stage.forge({ signer: impostor(guess.stolen, guess.holder), epochs, isLedTo: true });
    gateway.source = stage.ground.taken;
    answers.add(await stage.pull(gateway));
  }
  return [...answers].join('; ');
}
