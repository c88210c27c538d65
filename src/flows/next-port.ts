import { idOfPath } from '../core/kinds/index.ts';
import { type Gateway, ofKind } from '../core/model/index.ts';
import type { TreeEntry } from '../ports/index.ts';
import { type Frame, type ReadManifests, readManifests } from './frame.ts';
import type { LoadedOrg } from './org.ts';

const FIRST_PORT = 41_002;

/** The Gateway manifests that the tree has of orgs that do not render: what was rendered before, and what people wrote. */
export async function standingGateways(frame: Frame, loaded: readonly LoadedOrg[]): Promise<ReadManifests> {
  const entries = loaded.filter(({ desired }) => desired === null).flatMap((item) => item.entries.filter(isGateway));
  return readManifests(frame.reading, entries);
}

function isGateway({ path }: TreeEntry): boolean {
  const meaning = idOfPath(path);
  return meaning?.type === 'manifest' && meaning.id.kind === 'Gateway';
}

/** The port that follows the fleet's highest: ten above its group, so that an org's gateways stand together. */
export function nextPort(loaded: readonly LoadedOrg[], standing: ReadManifests['manifests']): number {
  const rendered = loaded.flatMap((item) => ofKind(item.desired?.objects ?? [], 'Gateway'));
  const ports = [...rendered, ...ofKind(standing, 'Gateway')].map(({ document }) => portOf(document));
  const highest = Math.max(FIRST_PORT - 10, ...ports.filter((port) => port < 65_000));
  return highest - ((highest - FIRST_PORT) % 10) + 10;
}

function portOf({ spec }: Gateway): number {
  return Number(spec.listen.split(':').at(-1));
}
