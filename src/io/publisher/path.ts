import { type OrgUid, orgUid } from '../../core/model/index.ts';
import { publishError } from './error.ts';

/** Steps of a published path: plain names, so that no path means another file on any file system or server. */
const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MOST_STEPS = 6;

/** True for a path that a published file can have below its org's folder. */
export function isPublishedPath(path: string): boolean {
  const steps = path.split('/');
  return steps.length <= MOST_STEPS && steps.every((step) => STEP.test(step));
}

/** The org's folder and the steps below it; throws PUBLISH_PATH for what could mean any other place. */
export function stepsOf(org: OrgUid, path: string): readonly string[] {
  if (orgUid(org) === undefined || !isPublishedPath(path)) {
    throw publishError(
      'PUBLISH_PATH',
      `expected plain steps below an org's folder, found ${JSON.stringify(`${org}/${path}`)}`,
    );
  }
  return [org, ...path.split('/')];
}
