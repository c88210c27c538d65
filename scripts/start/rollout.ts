import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { emit } from '../../src/core/kinds/index.ts';
import type { Json, JsonObject } from '../../src/core/model/index.ts';
import { render } from '../../src/flows/index.ts';
import { wireHost, wireRepository } from '../../src/wire.ts';
import { commitAll } from './fleet.ts';
import { sleep } from './processes.ts';
import { ask, chat, type OnceParts } from './request.ts';
import { type Row, row } from './table.ts';
import type { DemoGateway } from './tokens.ts';

// A valid but bad change stops in the first of two rings and goes back by itself; then a rollback and a denial by an operator.

/** A gateway under test, and where it answers. */
export type Placed = DemoGateway & { readonly url: string };

interface RolloutView {
  readonly org: string;
  readonly generation: number;
  readonly state: string;
  readonly code: string | null;
  readonly rings: readonly { readonly ring: string; readonly gateways: readonly string[] }[];
}

const DEADLINE_MS = 60_000;
const LOOK_MS = 200;
/** More than the ring asks for before it judges. */
const REQUESTS = 12;
const QUESTION = 'Where is my order?';

/** A bad change of one org whose gateways are in two rings. */
export async function haltedRollout(parts: OnceParts, gateways: readonly Placed[]): Promise<readonly Row[]> {
  const [first] = gateways;
  if (first === undefined) return [];
  const { org } = first;
  const fleetFile = join(parts.dir, 'fleet.yaml');
  const settings = readFileSync(fleetFile, 'utf8');
  // The clone's rings do not soak (scripts/start/fleet.ts), so they judge nothing: here the first one does.
  writeFileSync(
    fleetFile,
    settings.replace('{ name: canary, soakMinutes: 0 }', '{ name: canary, soakMinutes: 1, health: { requests: 10 } }'),
  );
  commitAll(parts.dir, 'Let ring canary soak and be judged');
  const before = await Promise.all(gateways.map((gateway) => answerOf(gateway)));
  const overlays = await blockEverything(parts, org);
  try {
    const open = await rolloutOf(parts, org, ({ state }) => state === 'running');
    const canary = gateways.find(({ gateway }) => open?.rings[0]?.gateways.includes(gateway)) ?? first;
    const others = gateways.filter((gateway) => gateway !== canary);
    const blocked = await untilAnswer(canary, ({ status }) => status === 409);
    const untouched = await Promise.all(others.map((gateway) => answerOf(gateway)));
    for (let asked = 0; asked < REQUESTS; asked += 1) await answerOf(canary);
    const ended = await rolloutOf(
      parts,
      org,
      (item) => item.generation === open?.generation && item.state !== 'running',
    );
    const back = await untilAnswer(canary, ({ status }) => status === 200);
    const wasOf = (gateway: Placed): string => `200 with ${before[gateways.indexOf(gateway)]?.bundle}`;
    const name = (gateway: Placed): string => `${org}/${gateway.gateway}`;
    return [
      row(
        name(canary),
        'bad change in ring canary',
        '409 dlp-filter',
        `${blocked.status} ${blocked.error.policy ?? ''}`,
      ),
      ...others.map((gateway, index) =>
        row(name(gateway), 'bad change, later ring', wasOf(gateway), `200 with ${untouched[index]?.bundle}`),
      ),
      row(org, 'the rollout', 'rolled-back ROLLOUT_BLOCKS', `${ended?.state} ${ended?.code}`),
      row(name(canary), 'older content, by itself', wasOf(canary), `${back.status} with ${back.bundle}`),
    ];
  } finally {
    for (const file of overlays) rmSync(file);
    writeFileSync(fleetFile, settings);
    await commitRendered(parts, `Take the bad change of ${org} back`);
  }
}

/** An operator takes an org back to what it had when the run began, and ends that. */
export async function rolledBack(
  parts: OnceParts,
  gateway: Placed,
  older: { readonly generation: number; readonly bundle: string },
): Promise<readonly Row[]> {
  const { org } = gateway;
  const now = await answerOf(gateway);
  const expires = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const id = await operate(parts, { org, do: 'rollback', to: older.generation, reason: 'a local run', expires });
  const back = await untilAnswer(gateway, ({ bundle }) => bundle === older.bundle);
  await operate(parts, { org, do: 'end', id, reason: 'the local run goes on' });
  const again = await untilAnswer(gateway, ({ bundle }) => bundle === now.bundle);
  const name = `${org}/${gateway.gateway}`;
  return [
    row(name, 'rollback', `200 with ${older.bundle}`, `${back.status} with ${back.bundle}`),
    row(name, 'rollback ended', `200 with ${now.bundle}`, `${again.status} with ${again.bundle}`),
  ];
}

/** An operator denies a token, and ends that. */
export async function denied(parts: OnceParts, gateway: Placed): Promise<readonly Row[]> {
  const { org, appName } = gateway;
  const id = await operate(parts, { org, do: 'deny', name: `token/${appName}`, reason: 'a local run' });
  const cut = await untilAnswer(gateway, ({ status }) => status === 401);
  await operate(parts, { org, do: 'end', id, reason: 'the local run goes on' });
  const again = await untilAnswer(gateway, ({ status }) => status === 200);
  const name = `${org}/${gateway.gateway}`;
  return [row(name, 'denied token', '401', String(cut.status)), row(name, 'denial ended', '200', String(again.status))];
}

function answerOf(gateway: Placed): ReturnType<typeof ask> {
  return ask(gateway.url, gateway.appToken, chat(gateway.model, QUESTION));
}

type Asked = Awaited<ReturnType<typeof ask>>;

/** Asks until it holds, or gives what was answered last: the table then says what is missing. */
async function untilAnswer(gateway: Placed, holds: (answer: Asked) => boolean): Promise<Asked> {
  const deadline = Date.now() + DEADLINE_MS;
  let answer = await answerOf(gateway);
  while (!holds(answer) && Date.now() < deadline) {
    await sleep(LOOK_MS);
    answer = await answerOf(gateway);
  }
  return answer;
}

function staffToken(parts: OnceParts): string {
  const file = readFileSync(join(parts.dir, '.tenantry/controller.json'), 'utf8');
  return (JSON.parse(file) as { readonly token: string }).token;
}

async function rolloutOf(
  parts: OnceParts,
  org: string,
  holds: (rollout: RolloutView) => boolean,
): Promise<RolloutView | undefined> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const response = await fetch(`${parts.report.controlPlane}/api/v1/fleet/rollouts`, {
      headers: { authorization: `Bearer ${staffToken(parts)}` },
    });
    const { items } = (await response.json()) as { readonly items: readonly RolloutView[] };
    const found = items.find((item) => item.org === org);
    if ((found !== undefined && holds(found)) || Date.now() > deadline) return found;
    await sleep(LOOK_MS);
  }
}

/** Asks the controller as staff would, and gives the override's id. */
async function operate(parts: OnceParts, body: JsonObject): Promise<string> {
  const response = await fetch(`${parts.report.controlPlane}/api/v1/fleet/operate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${staffToken(parts)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { readonly override?: { readonly id: string } };
  if (answer.override === undefined) throw new Error(`${JSON.stringify(body)}: ${JSON.stringify(answer)}`);
  return answer.override.id;
}

/** A slip of the pen in every policy of the org: valid, and it blocks whatever has a letter in it. */
async function blockEverything(parts: OnceParts, org: string): Promise<readonly string[]> {
  const { repository } = await wireRepository(parts.dir);
  const folder = join(parts.dir, 'orgs', org, 'policies');
  const listed = await repository.workTree().list([`orgs/${org}/policies` as never]);
  const files = listed.entries.map(({ path }) => {
    const [, , , environment = '', name = ''] = path.replace('.yaml', '').split('/');
    const manifest = parse(readFileSync(join(folder, environment, `${name}.yaml`), 'utf8')) as {
      readonly spec: {
        readonly document: { readonly policy: { readonly 'dlp-filter': { readonly [key: string]: Json } } };
      };
    };
    const dlp = manifest.spec.document.policy['dlp-filter'];
    const at = '/spec/document/policy/dlp-filter';
    const patches: readonly JsonObject[] = [
      { op: 'replace', path: `${at}/detect_patterns`, was: dlp['detect_patterns'] ?? [], value: ['[a-z]'] },
      { op: 'replace', path: `${at}/action`, was: dlp['action'] ?? 'redact', value: 'block' },
    ];
    const file = join(parts.dir, 'orgs', org, 'overlays', `bad-${environment}.yaml`);
    mkdirSync(join(parts.dir, 'orgs', org, 'overlays'), { recursive: true });
    writeFileSync(
      file,
      emit({
        apiVersion: 'tenantry/v1',
        kind: 'Overlay',
        metadata: { org, name: `bad-${environment}` },
        spec: { target: { kind: 'Policy', environment, name }, reason: 'A slip of the pen.', patches },
      }),
    );
    return file;
  });
  await commitRendered(parts, `Block everything of ${org}`);
  return files;
}

async function commitRendered(parts: OnceParts, message: string): Promise<void> {
  const host = await wireHost();
  const { repository, write } = await wireRepository(parts.dir);
  await render(host.hash, { tree: repository.workTree(), orgs: null, write });
  commitAll(parts.dir, message);
}
