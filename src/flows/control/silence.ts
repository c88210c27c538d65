import { FLEET_ORG, SILENT_AFTER_MS } from '../../core/model/index.ts';
import type { AckRow } from '../../ports/index.ts';
import type { ControlPlane } from './context.ts';

/** True for a gateway that never said anything, or not for three heartbeats (bundles.md, acknowledgement). */
export function isSilent(ack: Pick<AckRow, 'heardAt'> | undefined, nowMs: number): boolean {
  return ack === undefined || nowMs - ack.heardAt > SILENT_AFTER_MS;
}

/** What changed since the last look: gateways that fell silent, and silent ones that were heard again. */
export interface Silence {
  readonly fell: readonly { readonly gateway: string; readonly heardAt: number }[];
  /** `<org>/<gateway>` each, as above. */
  readonly back: readonly string[];
}

/**
 * Looks at every enrolled gateway that has spoken, each time it is asked, and tells each change once. Silence counts from the
 * making of the watch at the earliest: while nobody listened, nobody could be heard.
 */
export function watchSilence(plane: Pick<ControlPlane, 'orgs' | 'runtime' | 'clock'>): () => Promise<Silence> {
  const sinceMs = plane.clock.nowMs();
  let silent: ReadonlySet<string> = new Set();
  return async () => {
    const nowMs = plane.clock.nowMs();
    const now = new Map<string, number>();
    const heard: string[] = [];
    for (const { org } of (await plane.orgs.heads()).filter((head) => head.org !== FLEET_ORG)) {
      const [acks, gateways] = await Promise.all([plane.runtime.acks(org), plane.runtime.gateways(org)]);
      const live = new Set(gateways.filter(({ revokedAt }) => revokedAt === null).map(({ gateway }) => gateway));
      for (const ack of acks.filter(({ gateway }) => live.has(gateway))) {
        const name = `${org}/${ack.gateway}`;
        if (isSilent({ heardAt: Math.max(ack.heardAt, sinceMs) }, nowMs)) now.set(name, ack.heardAt);
        else heard.push(name);
      }
    }
    const fell = [...now].filter(([name]) => !silent.has(name)).map(([gateway, heardAt]) => ({ gateway, heardAt }));
    const back = heard.filter((name) => silent.has(name));
    silent = new Set(now.keys());
    return { fell, back };
  };
}
