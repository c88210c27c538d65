import { type Json, type JsonObject, pointerStep } from '../../model/index.ts';
import type { PolicyToolValidation } from '../generated/types.ts';
import { validatePolicyToolValidation } from '../generated/validators.js';
import { compileSchema, SCHEMA_BUDGET } from '../schema/schema.ts';
import { parseArguments, type ToolCall } from '../text/calls.ts';
import { toolsOf } from '../text/tools.ts';
import { ALLOW, type CompileContext, policyKind, type StepResult } from './kind.ts';
import schema from './tool-validation.schema.json' with { type: 'json' };
import { itemsOf, keysOf, NAMES_NOTE, reportPatterns } from './tools.ts';

export const toolValidation = policyKind<PolicyToolValidation>({
  kind: 'tool-validation',
  phases: ['input', 'output'],
  namespace: 'tool_validation',
  controls: ['OWASP LLM 2026/03'],
  schema,
  validate: validatePolicyToolValidation,
  notes: [
    '`declared_tools` (exact names) decides which tools a request may offer and an answer may call: `tool_validation.undeclared`. Without it, or with an empty list, every tool is declared. With `allow_undeclared: true` the others pass and leave a warning in the evidence.',
    NAMES_NOTE,
    "`schemas`: the arguments of each call must be JSON that the tool's schema accepts, else `tool_validation.arguments_invalid`; no arguments at all count as `{}`, and a key that stands twice in one object is refused, because of two values only one would be checked. Calls are checked in answers, whole and streamed; those that a request tells of from earlier turns are not checked again.",
    `A schema is JSON Schema draft-07 with all its keywords but \`format\`, \`$id\`, \`contentEncoding\`, \`contentMediaType\` and references to other documents; a schema that contains itself is refused too (\`POLICY_SCHEMA_UNSUPPORTED\`). \`pattern\` and \`patternProperties\` are RE2 syntax. \`multipleOf\` counts in decimals, so that 19.99 is a multiple of 0.01. Arguments whose check would take more than ${SCHEMA_BUDGET} steps are refused.`,
    '`semantic_validation` is refused by name.',
  ],
  compile: (config, context) => {
    const declared = config.declared_tools ?? [];
    reportPatterns(itemsOf(declared, `${context.pointer}/declared_tools`), context.report);
    reportPatterns(keysOf(Object.keys(config.schemas ?? {}), `${context.pointer}/schemas`), context.report);
    const settings: Settings = {
      declared: new Set(declared),
      undeclared: (config.allow_undeclared ?? false) ? noted : refused,
      checks: compileSchemas((config.schemas ?? {}) as JsonObject, context),
    };
    return {
      input: ({ body }) => {
        const unknown = toolsOf(body).filter((name) => !isDeclared(settings, name));
        return unknown.length === 0 ? ALLOW : settings.undeclared;
      },
      call: (call) => judge(settings, call),
    };
  },
});

interface Settings {
  readonly declared: ReadonlySet<string>;
  readonly undeclared: StepResult;
  readonly checks: ReadonlyMap<string, (value: Json) => string | null>;
}

const refused: StepResult = {
  verdict: 'block',
  reasonCode: 'tool_validation.undeclared',
  redactions: 0,
  message: 'A tool is not declared in the policy of this gateway.',
};
const noted: StepResult = { ...refused, verdict: 'warn' };

const isDeclared = ({ declared }: Settings, name: string): boolean => declared.size === 0 || declared.has(name);

function judge(settings: Settings, { name, arguments: text }: ToolCall): StepResult {
  const declared = isDeclared(settings, name);
  if (!declared && settings.undeclared.verdict === 'block') return settings.undeclared;
  const check = settings.checks.get(name);
  const failed = check === undefined ? null : failedAt(check, text);
  if (failed !== null) return invalid(failed);
  return declared ? ALLOW : settings.undeclared;
}

/** Where in the schema the arguments fail, `JSON` when they cannot be read, null when they are valid. */
function failedAt(check: (value: Json) => string | null, text: string): string | null {
  const value = parseArguments(text);
  return value === undefined ? 'JSON' : check(value);
}

/** The place is one of the policy, so it holds no content. */
const invalid = (place: string): StepResult => ({
  verdict: 'block',
  reasonCode: 'tool_validation.arguments_invalid',
  redactions: 0,
  message:
    place === 'JSON'
      ? 'The arguments of a tool call are not JSON, or have a key twice.'
      : `The arguments of a tool call do not satisfy the schema of the tool${place === '' ? '' : ` at ${place}`}.`,
});

function compileSchemas(schemas: JsonObject, { pointer, report }: CompileContext): Settings['checks'] {
  const checks = new Map<string, (value: Json) => string | null>();
  for (const [name, source] of Object.entries(schemas)) {
    const compiled = compileSchema(source as Json);
    if ('check' in compiled) {
      checks.set(name, compiled.check);
      continue;
    }
    for (const fault of compiled.faults) {
      const unsupported = fault.kind === 'unsupported';
      report(
        unsupported ? 'POLICY_SCHEMA_UNSUPPORTED' : 'POLICY_SCHEMA_INVALID',
        `${pointer}/schemas/${pointerStep(name)}${fault.pointer}`,
        {
          message: unsupported
            ? `The schema of ${name} uses what is not supported here.`
            : `The schema of ${name} is not a JSON Schema.`,
          expected: fault.expected,
          found: fault.found,
        },
      );
    }
  }
  return checks;
}
