import { type Finding, type FindingCode, finding, type PlaceOf } from '../model/index.ts';

/** Collects what is wrong with one file of a template; pointers are those of the file. */
export interface Report {
  readonly findings: Finding[];
  readonly placeOf: PlaceOf;
}

export interface Complaint {
  readonly pointer: string;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly fix?: string;
  readonly at?: 'key' | 'value';
}

export function complain(report: Report, code: FindingCode, complaint: Complaint): void {
  const { pointer, at, ...facts } = complaint;
  report.findings.push(finding(code, { ...facts, place: report.placeOf(pointer, at) }));
}
