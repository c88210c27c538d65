import { FLEET_ORG, SILENT_AFTER_MS } from '../../core/model/index.ts';
import type { AckRow, Enrolment } from '../../ports/index.ts';
import type { ControlPlane } from './context.ts';

/**
 * True for a gateway that never said anything, or not within three heartbeats of now (bundles.md, acknowledgement). A time further
 * ahead is of a clock that has been put right since, and tells nothing of the present.
 */
export function isSilent(ack: Pick<AckRow, 'heardAt'> | undefined, nowMs: number): boolean {
  return ack === undefined || Math.abs(nowMs - ack.heardAt) > SILENT_AFTER_MS;
}

/** What changed since the last look: gateways that fell silent, and silent ones that were heard again. */
export interface Silence {
  readonly fell: readonly { readonly gateway: string; readonly heardAt: number }[];
  /** `<org>/<gateway>` each, as above. */
  readonly back: readonly string[];
}

/**
 * Looks at every enrolled gateway that has spoken, under this identity or a former one, each time it is asked, and tells each
 * change once. Silence counts from the making of the watch at the earliest: while nobody listened, nobody could be heard.
 */
export function watchSilence(plane: Pick<ControlPlane, 'orgs' | 'runtime' | 'clock'>): () => Promise<Silence> {
  const sinceMs = plane.clock.nowMs();
  let silent: ReadonlySet<string> = new Set();
  return async () => {
    const nowMs = plane.clock.nowMs();
    const now = new Map<string, number>();
    const heard: string[] = [];
    for (const { org } of (await plane.orgs.heads()).filter((head) => head.org !== FLEET_ORG)) {
      for (const [gateway, heardAt] of lastHeard(await plane.runtime.enrolments(org))) {
        const name = `${org}/${gateway}`;
        if (isSilent({ heardAt: Math.max(heardAt, sinceMs) }, nowMs)) now.set(name, heardAt);
        else heard.push(name);
      }
    }
    const fell = [...now].filter(([name]) => !silent.has(name)).map(([gateway, heardAt]) => ({ gateway, heardAt }));
    const back = heard.filter((name) => silent.has(name));
    silent = new Set(now.keys());
    return { fell, back };
  };
}

/** When each gateway that is enrolled was heard last, whatever its identity was; those that never were are left out. */
function lastHeard(enrolments: readonly Enrolment[]): ReadonlyMap<string, number> {
  const heard = new Map<string, number>();
  const ended = new Set<string>();
  // The newest identity of each comes last, and says whether there still is one.
  for (const { gateway, revokedAt, ack } of enrolments) {
    if (ack !== null) heard.set(gateway, Math.max(ack.heardAt, heard.get(gateway) ?? 0));
    if (revokedAt === null) ended.delete(gateway);
    else ended.add(gateway);
  }
  for (const gateway of ended) heard.delete(gateway);
  return heard;
}
