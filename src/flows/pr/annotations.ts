import { type Finding, fails, type ObjectKey, type Place } from '../../core/model/index.ts';
import type { PullReport, ReportedDiff } from '../../core/report/index.ts';
import type { ForgeAnnotation } from '../../ports/index.ts';

/** GitHub shows no more than these with any use; how many are left out is said in the summary. */
export const MOST_ANNOTATIONS = 1000;

/** What is said at the lines that cause it: findings, failing ones first, then hazards at the line of their change. */
export function annotationsOf({ findings, changes }: PullReport): readonly ForgeAnnotation[] {
  const all = findings?.findings ?? [];
  const failing = all.filter(fails);
  const noted = all.filter((item) => !fails(item));
  const hazards = (changes?.orgs ?? []).flatMap(hazardAnnotations);
  return [...failing.map(findingAnnotation), ...hazards, ...noted.map(findingAnnotation)];
}

function findingAnnotation(item: Finding): ForgeAnnotation {
  const waived = item.waived === undefined ? '' : `\nwaived by ${item.waived.by} until ${item.waived.expires}`;
  return {
    file: item.place.file,
    line: item.place.line,
    level: levelOf(item),
    title: item.code,
    message: limited(`${item.message}\nexpected ${item.expected}\nfound ${item.found}\n${item.fix}${waived}`),
  };
}

function levelOf(item: Finding): ForgeAnnotation['level'] {
  if (!fails(item)) return 'notice';
  return item.severity === 'medium' ? 'warning' : 'failure';
}

function hazardAnnotations(diff: ReportedDiff): readonly ForgeAnnotation[] {
  return diff.hazards.flatMap(({ id, code, message, object }) => {
    const place = object === null ? undefined : sourceOf(diff, object);
    if (place === undefined) return [];
    const words = `${message}\nA platform owner has to accept the hazard ${id} in an Approval before this is applied.`;
    return [{ file: place.file, line: place.line, level: 'warning' as const, title: code, message: limited(words) }];
  });
}

function sourceOf({ changes }: ReportedDiff, object: ObjectKey): Place | undefined {
  const change = changes.find(({ key }) => key === object);
  return change?.fields.find(({ source }) => source !== null)?.source ?? undefined;
}

/** The forge takes 64 KB for each; nobody reads a tenth of it. */
const MESSAGE_CHARS = 4000;

function limited(text: string): string {
  return text.length <= MESSAGE_CHARS ? text : `${text.slice(0, MESSAGE_CHARS)}… (${text.length} characters)`;
}
