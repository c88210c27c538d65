import type { JsonObject, OrgSlug, Rollout } from '../src/core/model/index.ts';
import {
  type Advanced,
  type ApplyParts,
  type ApplyReport,
  advanceAll,
  answer,
  type ControlPlane,
  createEnrolmentCode,
  gatewayStatuses,
  localStaff,
  type OperatorAsk,
  openDirectory,
  openLanes,
  openReconciler,
  openWakes,
  operate,
  refusal,
  rotateKeys,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom, nodeZoneOffset } from '../src/host/index.ts';
import { createApp, type ListeningServer, listen } from '../src/server/index.ts';
import { timers } from '../src/wire.ts';
import { ALDER, BIRCH, createFleet, type OpenFleet, orgYaml, START_MS, type TestFleet } from './fleet.testkit.ts';
import { type Loaded, type Loading, SimulatedGateway } from './simulated-gateway.testkit.ts';

// A fleet in which one org has many gateways in three rings, the real control plane on loopback, and a simulated gateway for
// each. The clock is the test's, and nothing moves but what the test moves.

export const MINUTE_MS = 60_000;
export const SOAK_MS = 10 * MINUTE_MS;
const ANSWER_MS = 5 * MINUTE_MS;

/** canary by name, early by share, general for the rest. */
export const rings = (canary: JsonObject = {}): JsonObject => ({
  rings: [
    { name: 'canary', soakMinutes: SOAK_MS / MINUTE_MS, answerMinutes: ANSWER_MS / MINUTE_MS, ...canary },
    { name: 'early', sharePercent: 30, soakMinutes: SOAK_MS / MINUTE_MS },
    { name: 'general', soakMinutes: 0 },
  ],
});

export interface Size {
  readonly environments: number;
  /** In each environment. */
  readonly gateways: number;
}

/** The moving parts of the play. */
export class RolloutWorld {
  readonly fleet: TestFleet;
  readonly open: OpenFleet;
  readonly plane: ControlPlane;
  readonly url: string;
  readonly #clock: { nowMs: number };
  readonly #server: ListeningServer;
  readonly #rings = new Map<string, string>();
  /** Those of the large org, by name. */
  readonly gateways = new Map<string, SimulatedGateway>();
  /** Those of the other orgs. */
  readonly others: SimulatedGateway[] = [];
  /** What hosts do with new content from now on. */
  loads: (content: Loaded) => Loading = () => 'runs';

  constructor(parts: Opened) {
    this.fleet = parts.fleet;
    this.open = parts.open;
    this.plane = parts.plane;
    this.#clock = parts.clock;
    this.#server = parts.server;
    this.url = `http://127.0.0.1:${parts.server.port}`;
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  set nowMs(nowMs: number) {
    this.#clock.nowMs = nowMs;
  }

  /** Enrols a simulated gateway for every published one. */
  async enrolAll(): Promise<void> {
    for (const org of [ALDER, BIRCH]) {
      const statuses = await gatewayStatuses(this.plane, [org]);
      for (const { gateway, ring } of statuses) {
        const enrolled = await this.#enrol(org, gateway);
        if (org === ALDER) this.gateways.set(gateway, enrolled);
        else this.others.push(enrolled);
        if (org === ALDER) this.#rings.set(gateway, ring);
      }
    }
    await this.pollAll();
  }

  async #enrol(org: OrgSlug, gateway: string): Promise<SimulatedGateway> {
    const options = { url: this.url, uid: await this.open.uidOf(org), gateway, nowMs: () => this.nowMs };
    const made = new SimulatedGateway({ ...options, loads: (content) => this.loads(content) });
    await made.enrol(await this.codeOf(org, gateway));
    return made;
  }

  /** A one-time code of a gateway. */
  async codeOf(org: OrgSlug, gateway: string): Promise<string> {
    const code = await createEnrolmentCode(this.plane, org, gateway);
    if (!code.ok) throw new Error(code.message);
    return code.value.code;
  }

  /** Every gateway asks once. */
  async pollAll(): Promise<void> {
    await Promise.all([...this.gateways.values(), ...this.others].map((one) => one.poll()));
  }

  inRing(ring: string): readonly SimulatedGateway[] {
    return [...this.gateways.values()].filter(({ name }) => this.#rings.get(name) === ring);
  }

  parts(): Promise<ApplyParts> {
    return this.open.parts({ lanes: this.plane.lanes, wake: this.plane.wakes.wake });
  }

  /** Renders, commits and applies an edit. */
  async change(edit: () => void): Promise<ApplyReport> {
    edit();
    await this.fleet.save('a change');
    return this.open.apply({ parts: { lanes: this.plane.lanes, wake: this.plane.wakes.wake } });
  }

  /** One look of the controller, after so much time. */
  async look(afterMs = 0): Promise<Advanced | undefined> {
    this.nowMs += afterMs;
    return (await advanceAll(await this.parts())).find(({ org }) => org === ALDER);
  }

  async tell(ask: OperatorAsk): ReturnType<typeof operate> {
    return operate(await this.parts(), ask, 'staff ana');
  }

  /** The newest rollout of the large org. */
  async rollout(): Promise<Rollout> {
    const rollout = (await this.open.state.store.delivery(ALDER))?.rollout ?? null;
    if (rollout === null) throw new Error('expected a rollout');
    return rollout;
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.open.close();
    this.fleet.destroy();
  }
}

interface Opened {
  readonly fleet: TestFleet;
  readonly open: OpenFleet;
  readonly plane: ControlPlane;
  readonly clock: { nowMs: number };
  readonly server: ListeningServer;
}

/** org.yaml of an org with gateways `w0-e0`, `w1-e0`, …; the first environment is in ring canary. */
function manyGateways({ environments, gateways }: Size): string {
  const [before = '', after = ''] = orgYaml(ALDER, '2027-09-30T00:00:00Z', 0).split(
    / {6}- name: production[\s\S]*?(?= {4}tokens:)/,
  );
  const names = Array.from({ length: environments }, (_, index) => `e${index}`);
  const sections = names.map((name, index) => {
    const rows = Array.from({ length: gateways }, (_, at) => {
      const listen = `127.0.0.1:${20_000 + index * gateways + at}`;
      return `          - { workload: w${at}, host: alder-edge, listen: ${listen}, teams: [desk], wallet: desk }\n`;
    });
    const upstream = `          - { id: main, provider: openai, model: gpt-4o-mini, host: api.openai.com, account: acct-alder, region: eu-central, secretEnv: ALDER_KEY }\n`;
    const ring = index === 0 ? '        ring: canary\n' : '';
    return `      - name: ${name}\n        region: eu-central\n${ring}        upstreams:\n${upstream}        gateways:\n${rows.join('')}`;
  });
  return `${before}${sections.join('')}${after}`.replace('desk-production', 'w0-e0');
}

export async function openRolloutWorld(size: Size, canary: JsonObject = {}): Promise<RolloutWorld> {
  const fleet = await createFleet({ spec: rings(canary) });
  fleet.write(`orgs/${ALDER}/org.yaml`, manyGateways(size));
  // So that content can multiply by ten within what is valid.
  const template = 'templates/msp-standard/1.0.0/template.yaml';
  fleet.edit(template, 'terms: { type: array, maxItems: 100,', 'terms: { type: array, maxItems: 1000,');
  await fleet.save('many gateways');
  const clock = { nowMs: START_MS };
  const now = { nowMs: () => clock.nowMs };
  const open = await fleet.open(now);
  const plane = planeOf(open, now);
  const parts = () => open.parts({ lanes: plane.lanes, wake: plane.wakes.wake });
  const app = createApp({
    plane,
    reconcile: openReconciler(parts),
    operate: async (ask, by) => operate(await parts(), ask, by),
    drift: async () => answer({ items: [] }),
    rotateKeys: async (ask, actor) => {
      const { custody, roots } = open.state;
      const rotated = await rotateKeys({ ...(await parts()), custody, roots, actor }, ask);
      return rotated.ok ? answer(rotated.value) : refusal(422, rotated.code, rotated.message);
    },
    requestId: () => 'req',
  });
  const applied = await open.apply({ parts: { lanes: plane.lanes } });
  if (!applied.ok) throw new Error(JSON.stringify([applied.orgs, applied.published]));
  const server = await listen(app, '127.0.0.1', 0);
  const world = new RolloutWorld({ fleet, open, plane, clock, server });
  await world.enrolAll();
  return world;
}

/** A control plane of its own over an open fleet, with nothing running. */
export function planeOf(open: OpenFleet, clock: { readonly nowMs: () => number }): ControlPlane {
  const { store, runtime, publisher, signer } = open.state;
  const log = { info: () => undefined, warn: () => undefined, progress: () => undefined };
  return {
    ...{ fleet: 'test-fleet', orgs: store, runtime, publisher, fence: undefined, signer, clock, log },
    ...{ hash: nodeHash, random: nodeRandom, zoneOffset: nodeZoneOffset },
    wakes: openWakes(timers),
    decisions: openWakes(timers),
    directory: openDirectory(store, { nowMs: () => Date.now() * 1000 }),
    lanes: openLanes(),
    localStaff: localStaff(nodeRandom, 'ann'),
    identityKeys: { keysOf: async () => [] },
  };
}
