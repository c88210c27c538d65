import {
  type CodeEntry,
  codes,
  type Finding,
  type Json,
  type JsonObject,
  type Place,
  type Severity,
} from '../../model/index.ts';
import { type CheckReport, inReadingOrder } from './check-report.ts';

const LEVELS: { readonly [severity in Severity]: string } = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  info: 'note',
};

/** What code scanning sorts by: 0 to 10. */
const SCORES: { readonly [severity in Severity]: string } = {
  critical: '9.5',
  high: '8.0',
  medium: '5.0',
  info: '0.0',
};

/** SARIF 2.1.0 with one run; waived findings are suppressed results, so that they stay visible. */
export function sarifFindings(report: CheckReport): string {
  const findings = inReadingOrder(report.findings);
  const ids = [...new Set(findings.map(({ code }) => code))].sort();
  const document: JsonObject = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tenantry', rules: ids.map((code) => ruleJson(code, codes[code])) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((item) => resultJson(item, ids.indexOf(item.code))),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function ruleJson(id: string, entry: CodeEntry): Json {
  return {
    id,
    shortDescription: { text: entry.title },
    fullDescription: { text: entry.explain },
    help: { text: entry.fix },
    defaultConfiguration: { level: LEVELS[entry.severity] },
    properties: { 'security-severity': SCORES[entry.severity] },
  };
}

function resultJson(item: Finding, ruleIndex: number): Json {
  const { waived, related } = item;
  return {
    ruleId: item.code,
    ruleIndex,
    level: LEVELS[item.severity],
    message: { text: `${item.message}\nExpected ${item.expected}, found ${item.found}.\n${item.fix}` },
    locations: [locationJson(item.place)],
    ...(related === undefined ? {} : { relatedLocations: related.map(locationJson) }),
    partialFingerprints: { 'tenantry/v1': [item.code, item.org ?? '', item.object ?? item.place.file].join('/') },
    ...(waived === undefined
      ? {}
      : {
          suppressions: [
            { kind: 'external', status: 'accepted', justification: `${waived.by}, until ${waived.expires}` },
          ],
        }),
  };
}

function locationJson({ file, line, column }: Place): Json {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } } };
}
