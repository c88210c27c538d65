import { type Finding, finding } from '../../model/index.ts';
import type { Report } from '../kinds/kind.ts';
import type { DocumentSite } from '../types.ts';

/** Collects findings of one document; `report` takes pointers relative to the document. */
export interface Reporter {
  readonly findings: readonly Finding[];
  readonly report: Report;
}

export function createReporter(where: DocumentSite): Reporter {
  const findings: Finding[] = [];
  return {
    findings,
    report: (code, pointer, { at, ...facts }) => {
      const place = where.placeOf(where.pointer + pointer, at ?? 'value');
      findings.push(finding(code, { ...facts, place, org: where.org, object: where.object }));
    },
  };
}
