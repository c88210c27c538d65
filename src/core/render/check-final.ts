import { documentPointer, validateShape } from '../kinds/index.ts';
import { type Finding, finding, type Manifest, objectKey } from '../model/index.ts';
import { type Blame, createBlame, patchOf } from './blame.ts';
import { breaches } from './floors.ts';
import type { Final, RenderInput } from './render-input.ts';

/** Floors, then shapes: a place is looked for only when something is wrong. */
export function checkFinals(input: RenderInput, finals: readonly Final[]): readonly Finding[] {
  const blame = createBlame(input);
  const findings: Finding[] = [];
  for (const final of finals) {
    const { kind } = final.generated.id;
    findings.push(...floorFindings(input, final, blame));
    for (const error of validateShape(kind, final.document)) {
      const { message, expected, found, fix } = error;
      const { place, related } = blame(final, error.pointer);
      const object = objectKey(final.generated.id);
      findings.push(
        finding('RENDERED_INVALID', {
          message,
          expected,
          found,
          fix,
          object,
          place,
          related,
          org: input.organization.org,
        }),
      );
    }
  }
  return [...findings, ...input.custom.flatMap((item) => customFloorFindings(input, item))];
}

function floorFindings(input: RenderInput, final: Final, blame: Blame): readonly Finding[] {
  const { id, document } = final.generated;
  const { floors } = input.template;
  if (!floors.some((floor) => floor.kind === id.kind)) return [];
  return breaches(floors, id.kind, document, final.document).map((breach) => {
    const patched = patchOf(final, breach.pointer);
    const { place, related } =
      patched === undefined ? blame(final, breach.pointer) : { place: patched.place(), related: [] };
    const code = breach.floor.rule === 'locked' && patched !== undefined ? 'OVERLAY_FLOOR' : 'FLOOR_LOOSENED';
    return finding(code, {
      org: input.organization.org,
      object: objectKey(id),
      place,
      message: `${breach.pointer} is looser than the template allows`,
      expected: breach.expected,
      found: breach.found,
      related: [...related, input.template.placeOf(breach.floor.pointer)],
    });
  });
}

/** A hand-written manifest keeps the floors that state a bound: custom/ is no way around them. */
function customFloorFindings({ template }: RenderInput, item: Manifest): readonly Finding[] {
  return breaches(template.floors, item.id.kind, null, item.document).map((breach) =>
    finding('FLOOR_LOOSENED', {
      org: item.org,
      object: objectKey(item.id),
      place: item.placeOf(documentPointer(item.id.kind, item.document, breach.pointer)),
      message: `${breach.pointer} is looser than the template allows`,
      expected: breach.expected,
      found: breach.found,
      related: [template.placeOf(breach.floor.pointer)],
    }),
  );
}
