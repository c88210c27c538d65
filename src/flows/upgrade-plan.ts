import {
  byCodeUnit,
  type Finding,
  finding,
  type Hash,
  type OrgSlug,
  type RepoPath,
  startOf,
} from '../core/model/index.ts';
import type { ReadTree } from '../ports/index.ts';
import {
  FILE_LIMIT_BYTES,
  type Frame,
  type LoadedTemplate,
  openFrame,
  type RenderersOf,
  readManifests,
  unknownOrgs,
  zeroCounters,
} from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { conflictPath } from './upgrade-conflicts.ts';
import { type OrgUpgrade, ringOf, upgradeOrg } from './upgrade-org.ts';
import { isNamed, isSelected, migrationsBetween, namesOfNobody, type Pinned, readPins } from './upgrade-select.ts';

/** Which orgs move, and where to. */
export interface UpgradeAim {
  /** The name, without a version. */
  readonly template: string;
  readonly to: string;
  /** Only orgs at this version; null: at any other. */
  readonly from: string | null;
  /** As `isSelected` reads it. */
  readonly orgs: string;
  /** null: orgs of every ring. */
  readonly ring: string | null;
}

/** An org with the ring of its last gateway; null for one without gateways, and for one that cannot be rendered. */
export interface InRing {
  readonly item: LoadedOrg;
  readonly ring: string | null;
}

/** An upgrade before anything of it was done: who is concerned, and how each of them would come out. */
export interface UpgradePlan {
  /** `name@version` */
  readonly pin: string;
  /**
   * Orgs of the template that are asked for, of every ring, those that are there already too: in the order of rings, then of
   * names. Orgs whose org.yaml cannot be read are among them, as nobody knows their template.
   */
  readonly members: readonly InRing[];
  readonly findings: readonly Finding[];
  upgrade(member: InRing): Promise<OrgUpgrade>;
}

export interface UpgradeReading {
  readonly tree: ReadTree;
  readonly hash: Hash;
  readonly renderers?: RenderersOf | undefined;
}

/** Reads who runs a template in a tree. Nobody moves where findings say that the version or the fleet cannot be read. */
export async function planUpgrade({ tree, hash, renderers }: UpgradeReading, aim: UpgradeAim): Promise<UpgradePlan> {
  const frame = await openFrame({ tree, isStrict: () => true, counters: zeroCounters(), renderers });
  const pin = `${aim.template}@${aim.to}`;
  const template = await frame.template(pin);
  const wrong = [...frame.findings, ...template.findings];
  if (template.compiled === null || template.findings.length > 0) {
    return nobody(pin, wrong.length > 0 ? wrong : [unknown(frame, pin)]);
  }
  const rings = (frame.fleet?.document.spec.rings ?? []).map(({ name }) => name);
  const misnamed = [
    ...unknownOrgs(namesOfNobody(aim.orgs, [...frame.orgTrees.keys()]) as readonly OrgSlug[], frame.orgTrees.keys()),
    ...(aim.ring === null || rings.includes(aim.ring) ? [] : [unknownRing(aim.ring, rings)]),
  ];
  if (misnamed.length > 0) return nobody(pin, misnamed);
  const { pins, unread } = await readPins(frame);
  const asked = pins.filter((item) => isAsked(item, aim)).map(({ org }) => org);
  const loaded = await loadOrgs(frame, [...asked, ...unread.filter((org) => isNamed(org, aim.orgs))]);
  const order: readonly (string | null)[] = [...rings, null];
  const members = loaded
    .map((item) => ({ item, ring: ringOf(frame, item, hash) }))
    .sort((a, b) => order.indexOf(a.ring) - order.indexOf(b.ring) || byCodeUnit(a.item.org, b.item.org));
  const upgrade = (member: InRing): Promise<OrgUpgrade> => upgradeMember(frame, hash, { member, aim, template });
  return { pin, members, findings: [], upgrade };
}

function nobody(pin: string, findings: readonly Finding[]): UpgradePlan {
  return { pin, members: [], findings, upgrade: () => Promise.reject(new Error(`nobody moves to ${pin}`)) };
}

interface Move {
  readonly member: InRing;
  readonly aim: UpgradeAim;
  readonly template: LoadedTemplate;
}

async function upgradeMember(frame: Frame, hash: Hash, { member, aim, template }: Move): Promise<OrgUpgrade> {
  const { item, ring } = member;
  const from = item.template.split('@')[1] ?? '';
  const steps = await migrationsBetween(frame, aim.template, { from, to: aim.to });
  const to = { pin: `${aim.template}@${aim.to}`, template };
  return upgradeOrg(frame, hash, { loaded: item, ring, steps, to, ...(await readFiles(frame, item, aim.template)) });
}

function isAsked(pinned: Pinned, { template, from, to, orgs }: UpgradeAim): boolean {
  const [name, version] = pinned.template.split('@');
  return name === template && isSelected(pinned, orgs) && (from === null || version === from || version === to);
}

async function readFiles(frame: Frame, { org, entries }: LoadedOrg, template: string) {
  const path = conflictPath(org, template);
  const texts = entries.filter((entry) => /^orgs\/[^/]+\/(org\.yaml|overlays\/[^/]+)$/.test(entry.path));
  const [bodies, conflicts] = await Promise.all([
    frame.reading.tree.read(texts, FILE_LIMIT_BYTES),
    readManifests(
      frame.reading,
      entries.filter((entry) => entry.path === path),
    ),
  ]);
  const decode = new TextDecoder();
  return {
    texts: new Map([...bodies].map(([file, body]) => [file, decode.decode(body ?? new Uint8Array())] as const)),
    conflict: conflicts.manifests[0],
  };
}

function unknownRing(ring: string, rings: readonly string[]): Finding {
  return finding('RING_UNKNOWN', {
    place: startOf('fleet.yaml' as RepoPath),
    message: `there is no ring ${ring}`,
    expected: rings.length === 0 ? 'a ring of fleet.yaml' : `one of ${rings.join(', ')}`,
    found: ring,
  });
}

function unknown(frame: Frame, pin: string): Finding {
  const known = [...frame.templateTrees.keys()].sort(byCodeUnit);
  return finding('TEMPLATE_UNKNOWN', {
    place: startOf('templates' as RepoPath),
    message: `there is no template ${pin}`,
    expected: known.length === 0 ? 'a folder templates/<name>/<version>' : `one of ${known.join(', ')}`,
    found: pin,
  });
}
