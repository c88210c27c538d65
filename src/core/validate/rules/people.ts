import { NO_SETTINGS } from '../settings.ts';
import type { OrgView } from '../view.ts';

/** True for people of the service provider, who may appear in more than one org. */
export function isStaff(org: OrgView, address: string): boolean {
  return (org.fleet ?? NO_SETTINGS).staff.has(address.toLowerCase());
}
