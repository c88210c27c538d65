import type { PolicyEntityListFilter } from '../generated/types.ts';
import { validatePolicyEntityListFilter } from '../generated/validators.js';
import schema from './entity-list-filter.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';
import { FUZZY_NOTE, scanningStep, termDetectors } from './scanning.ts';

export const entityListFilter = policyKind<PolicyEntityListFilter>({
  kind: 'entity-list-filter',
  phases: ['input', 'output'],
  namespace: 'entity_list',
  controls: [],
  schema,
  validate: validatePolicyEntityListFilter,
  notes: [
    'Looks for the names of `blocked_entities`, literally, without regard to case, inside words too, in requests and in responses, whole and streamed. It ships no list of sanctioned parties: what is not written there is not found.',
    FUZZY_NOTE,
  ],
  compile: (config, context) =>
    scanningStep({
      filter: {
        detectors: termDetectors(
          { terms: config.blocked_entities ?? [], key: 'blocked_entities', type: 'ENTITY', how: config },
          context,
        ),
        action: 'block',
        render: (_, matched) => matched,
      },
      reasonCode: 'entity_list.detected',
      message: 'The text names an entity that is blocked.',
    }),
});
