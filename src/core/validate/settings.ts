import type { Fleet } from '../model/index.ts';
import type { FleetSettings } from './view.ts';

/** What fleet.yaml says to the rules of every org; null: there is none. */
export function fleetSettings(fleet: Fleet | null): FleetSettings {
  const { staff = [], rings = [], hosts = [], runtimes = {}, owners, signingKeys = [] } = fleet?.spec ?? {};
  return {
    staff: new Set(staff.map(({ address }) => address.toLowerCase())),
    // Who signs approvals with a key of fleet.yaml is a platform owner by name; the list may have them as a team alone.
    platform:
      owners === undefined
        ? { has: () => true }
        : new Set([...owners.platform, ...signingKeys.map(({ owner }) => owner)].map((one) => one.toLowerCase())),
    rings: fleet === null ? { has: () => true } : new Set(rings.map(({ name }) => name)),
    hosts: new Map(hosts.map(({ name, region }) => [name, region])),
    runtimes: {
      tested: runtimes.tested === undefined ? null : new Set(runtimes.tested),
      refused: new Set(runtimes.refused ?? []),
    },
  };
}

/** A fleet that says nothing. */
export const NO_SETTINGS: FleetSettings = fleetSettings(null);
