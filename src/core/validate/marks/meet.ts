import { type FleetMarks, LIST } from './codec.ts';
import { markTable } from './mark.ts';

/**
 * The orgs that have a fact in a bucket that could collide: one with keys of two orgs, or twice of one, or with a key and
 * a use. Every other bucket collides with nothing, whatever the texts are.
 */
export function meetingOrgs(fleet: FleetMarks): ReadonlySet<number> {
  const keys = markTable(fleet.length(LIST.keys));
  const firstOrg = new Int32Array(keys.size).fill(-1);
  const met = new Set<number>();
  for (let org = 0; org < fleet.count; org += 1) {
    for (const mark of fleet.list(org, LIST.keys)) {
      const place = keys.add(mark);
      const first = firstOrg[place] ?? -1;
      if (first < 0) firstOrg[place] = org;
      else met.add(first).add(org);
    }
  }
  for (let org = 0; org < fleet.count; org += 1) {
    for (const mark of fleet.list(org, LIST.uses)) {
      const place = keys.find(mark);
      // Where the key is of several orgs, these have met already.
      const first = place < 0 ? org : (firstOrg[place] ?? org);
      if (first !== org) met.add(first).add(org);
    }
  }
  return met;
}
