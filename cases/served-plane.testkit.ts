import type { Clock } from '../src/core/model/index.ts';
import {
  answer,
  type ControlPlane,
  localStaff,
  openDirectory,
  openLanes,
  openWakes,
  refusal,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom, nodeZoneOffset } from '../src/host/index.ts';
import { createApp, type ListeningServer, listen } from '../src/server/index.ts';
import { timers } from '../src/wire.ts';
import type { OpenFleet } from './fleet.testkit.ts';

/** The control plane of an open fleet, without a controller beside it: its parts are real but for what a test puts in their place. */
export function planeOf({ state }: OpenFleet, clock: Clock, more: Partial<ControlPlane> = {}): ControlPlane {
  const { store, runtime, publisher, signer } = state;
  return {
    ...{ fleet: 'test-fleet', orgs: store, runtime, publisher, fence: undefined, signer, hash: nodeHash, clock },
    ...{ random: nodeRandom, zoneOffset: nodeZoneOffset, lanes: openLanes() },
    log: { info: () => undefined, warn: () => undefined, progress: () => undefined },
    wakes: openWakes(timers),
    decisions: openWakes(timers),
    directory: openDirectory(store, { nowMs: () => Date.now() * 1000 }),
    localStaff: localStaff(nodeRandom, 'ann'),
    identityKeys: { keysOf: async () => [] },
    ...more,
  };
}

/** Serves it on loopback. */
export function servePlane(plane: ControlPlane, plan?: Parameters<typeof createApp>[1]): Promise<ListeningServer> {
  const nothing = async () => answer({});
  const controller = {
    reconcile: nothing,
    operate: nothing,
    drift: nothing,
    rotateKeys: async () => refusal(422, 'NO', ''),
  };
  return listen(createApp({ plane, ...controller, requestId: () => 'req-1' }, plan), '127.0.0.1', 0);
}
