import { byCodeUnit, type Finding, type OrgSlug } from '../../model/index.ts';
import { counted, few, markdownCode, markdownText } from '../text.ts';
import { cutMarkdown } from './cut.ts';

/** What a pull request of an upgrade says about itself, hidden in its first line. */
export interface UpgradeMarker {
  readonly template: string;
  readonly version: string;
  /** null: orgs without gateways. */
  readonly ring: string | null;
}

const MARKER = /^<!-- tenantry:upgrade ([a-z0-9-]{1,63})@([0-9]+\.[0-9]+\.[0-9]+) ([a-z0-9-]{1,63}|_) -->$/;

export function upgradeMarkerOf({ template, version, ring }: UpgradeMarker): string {
  return `<!-- tenantry:upgrade ${template}@${version} ${ring ?? '_'} -->`;
}

/** What the first line of a pull request's text says, or undefined when it is no marker. */
export function readUpgradeMarker(body: string): UpgradeMarker | undefined {
  const [line = ''] = body.split('\n', 1);
  const [, template, version, ring] = MARKER.exec(line.trimEnd()) ?? [];
  if (template === undefined || version === undefined || ring === undefined) return undefined;
  return { template, version, ring: ring === '_' ? null : ring };
}

/** How one org comes out of an upgrade; no values, which may be sensitive. */
export interface UpgradedOrg {
  readonly org: OrgSlug;
  /** `name@version` */
  readonly from: string;
  readonly result: 'clean' | 'overlays kept' | 'conflict' | 'refused';
  readonly overlays: readonly {
    readonly file: string;
    readonly path: string;
    readonly verdict: string;
    readonly hides: boolean;
  }[];
  readonly conflicts: readonly { readonly file: string; readonly path: string; readonly words: string }[];
  readonly findings: readonly Finding[];
}

export interface UpgradeText {
  readonly marker: UpgradeMarker;
  /** Every org of the ring that is not at the version yet. */
  readonly orgs: readonly UpgradedOrg[];
  /** A pull request for the same that was closed before; null: none. */
  readonly closed: number | null;
}

const RESULTS = ['clean', 'overlays kept', 'conflict', 'refused'] as const;
/** A pull request's text may have 65,536 characters; bytes are never fewer. */
const BODY_BYTES = 65_000;
/** What is told org by org, and of one org; the table counts all of them. */
const SHOWN_ORGS = 40;
const SHOWN_ITEMS = 5;
const SHOWN_WORDS = 200;
const SHOWN_NAMES = 2000;

/** `Upgrade ring canary to msp-standard@1.1.0 (12 orgs)`: the orgs that move. */
export function upgradeTitle({ marker, orgs }: UpgradeText): string {
  return `Upgrade ${ringText(marker)} to ${pinOf(marker)} (${counted(moving(orgs).length, 'org')})`;
}

/**
 * The text of an upgrade's pull request, its marker first: how many orgs come out how, then who stays behind and why, then
 * kept overlays, then the names of the clean. Bounded; what is not told is counted.
 */
export function upgradeMarkdown(text: UpgradeText): string {
  const { marker, orgs } = text;
  const of = (result: UpgradedOrg['result']) => orgs.filter((item) => item.result === result);
  const staying = orgs.length - moving(orgs).length;
  const lines = [
    upgradeMarkerOf(marker),
    `### Upgrade of ${ringText(marker)} to ${pinOf(marker)}: ${counted(moving(orgs).length, 'org')} ${moving(orgs).length === 1 ? 'moves' : 'move'}, ${staying} left behind`,
    '',
    `| ${RESULTS.join(' | ')} |`,
    `|${RESULTS.map(() => '---').join('|')}|`,
    `| ${RESULTS.map((result) => of(result).length).join(' | ')} |`,
    '',
    ...(text.closed === null ? [] : [`Opened again: #${text.closed} was closed without being merged.`, '']),
    ...section('Conflict: left out, as they were', of('conflict'), conflictLines),
    ...section('Refused: left out, as they were', of('refused'), refusedLines),
    ...decideLines(marker, staying),
    ...section('Overlays kept', of('overlays kept'), overlayLines),
    ...cleanLines(of('clean')),
    `Each run of \`tenantry template upgrade ${marker.template} --to ${marker.version} --open\` brings branch and text up to date; the next ring is opened by the first run after the merge.`,
  ];
  return cutMarkdown(`${lines.join('\n')}\n`, BODY_BYTES, '`tenantry template upgrade --dry-run`');
}

const moving = (orgs: readonly UpgradedOrg[]) =>
  orgs.filter(({ result }) => result === 'clean' || result === 'overlays kept');
const pinOf = ({ template, version }: UpgradeMarker): string => `${template}@${version}`;
const ringText = ({ ring }: UpgradeMarker): string => (ring === null ? 'orgs without gateways' : `ring ${ring}`);

function section(
  title: string,
  orgs: readonly UpgradedOrg[],
  linesOf: (org: UpgradedOrg) => readonly string[],
): readonly string[] {
  if (orgs.length === 0) return [];
  const left = orgs.length - SHOWN_ORGS;
  return [
    `#### ${title}`,
    '',
    ...orgs.slice(0, SHOWN_ORGS).flatMap(linesOf),
    ...(left > 0
      ? [
          `- and ${counted(left, 'more org')}: ${few(
            orgs.slice(SHOWN_ORGS).map(({ org }) => org),
            SHOWN_NAMES,
          )}`,
        ]
      : []),
    '',
  ];
}

function itemLines(items: readonly string[]): readonly string[] {
  const left = items.length - SHOWN_ITEMS;
  return [...items.slice(0, SHOWN_ITEMS), ...(left > 0 ? [`and ${left} more`] : [])].map((item) => `  - ${item}`);
}

function conflictLines({ org, from, conflicts }: UpgradedOrg): readonly string[] {
  const items = conflicts.map(
    ({ file, path, words }) =>
      `${markdownCode(file)} ${markdownCode(path)}: ${markdownText(words.slice(0, SHOWN_WORDS))}`,
  );
  return [`- **${org}**, from ${markdownText(from)}: ${conflicts.length} to decide`, ...itemLines(items)];
}

function refusedLines({ org, from, findings }: UpgradedOrg): readonly string[] {
  const items = findings.map(
    ({ code, message }) => `${markdownCode(code)} ${markdownText(message.slice(0, SHOWN_WORDS))}`,
  );
  return [`- **${org}**, from ${markdownText(from)}: ${counted(findings.length, 'finding')}`, ...itemLines(items)];
}

const VERDICTS: { readonly [verdict: string]: string } = {
  unchanged: 'stays as it is',
  refreshed: 'keeps its value, guard refreshed',
  unnecessary: 'is said by the template now: taken out',
};

function overlayLines({ org, from, overlays }: UpgradedOrg): readonly string[] {
  // What the org does not get is what a reviewer has to know.
  const told = [...overlays].sort((a, b) => Number(b.hides) - Number(a.hides));
  const items = told.map(
    ({ file, path, verdict, hides }) =>
      `${markdownCode(file)} ${markdownCode(path)} ${VERDICTS[verdict] ?? markdownText(verdict)}${hides ? '; **hides a change of the template**' : ''}`,
  );
  return [`- **${org}**, from ${markdownText(from)}`, ...itemLines(items)];
}

function decideLines({ template, version }: UpgradeMarker, staying: number): readonly string[] {
  if (staying === 0) return [];
  const command = `tenantry template upgrade ${template} --to ${version} --orgs <org>`;
  return [
    `To bring them along: \`${command}\` writes what is to be decided into the org's \`conflicts/\`; see docs/templates.md.`,
    '',
  ];
}

/** The names, by the version that they come from. */
function cleanLines(orgs: readonly UpgradedOrg[]): readonly string[] {
  if (orgs.length === 0) return [];
  const versions = [...new Set(orgs.map(({ from }) => from))].sort(byCodeUnit);
  const lines = versions.map((from) => {
    const names = orgs.filter((item) => item.from === from).map(({ org }) => org);
    return `- from ${markdownText(from)}, ${counted(names.length, 'org')}: ${few(names, SHOWN_NAMES)}`;
  });
  return ['#### Clean', '', ...lines, ''];
}
