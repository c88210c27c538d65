import type { CodeTable } from './entry.ts';

/** What stands in the way of a whole repository or command. */
export const commandCodes = {
  FLEET_MISSING: {
    severity: 'critical',
    title: 'The repository has no usable fleet.yaml',
    explain:
      'fleet.yaml names the fleet, its renderer, its limits and its owners. Without it nothing can be rendered or judged, and an empty or wrong folder would look like a fleet without customers.',
    fix: 'Run the command in a fleet repository, or make one with `tenantry init`.',
  },
  ORG_NAME: {
    severity: 'high',
    title: 'An org directory has a name that cannot be used',
    explain:
      'The directory name of an org appears in paths, host names, URLs and reports. Names outside lower-case letters, digits and inner hyphens, and names that file systems or the product reserve, collide or hide.',
    fix: 'Rename the directory and metadata.org to a plain name.',
  },
  ORG_MISSING: {
    severity: 'high',
    title: 'An org directory has no org.yaml',
    explain: 'Every directory below orgs/ is one customer and is described by its org.yaml. A directory without one has no identity, so nothing in it can belong to anybody.',
    fix: 'Add org.yaml, or remove the directory through `tenantry org offboard`.',
  },
  TEMPLATE_UNKNOWN: {
    severity: 'high',
    title: 'An org pins a template that does not exist',
    explain: 'spec.template pins one immutable version of one template. When that folder is missing the org cannot be rendered at all.',
    fix: 'Pin one of the versions below templates/.',
  },
} as const satisfies CodeTable;
