import type { Json, PolicyStep } from '../../model/index.ts';
import type { CompiledStep, StepResult } from '../kinds/kind.ts';
import type { Blocked, Decision, InputOutcome, OutputOutcome, Phase, RequestFacts, Target } from '../types.ts';

/** One entry of the chain, ready to run. */
export interface ChainEntry {
  readonly kind: string;
  readonly namespace: string;
  readonly phases: readonly Phase[];
  readonly conditional: boolean;
  readonly step: CompiledStep;
  readonly applies: (facts: RequestFacts) => boolean;
}

/** The part of a compiled document that deciding needs. */
export interface Chain {
  readonly enabled: boolean;
  readonly entries: readonly ChainEntry[];
  readonly targets: readonly Target[];
  readonly nowMicros: () => number;
}

interface Notes {
  readonly steps: PolicyStep[];
  readonly warnings: string[];
  redaction: string | null;
  blocked: Blocked | null;
}

const newNotes = (): Notes => ({ steps: [], warnings: [], redaction: null, blocked: null });

/** Runs the input policies in order; a block stops at once. */
export function runInput(chain: Chain, facts: RequestFacts): InputOutcome {
  const notes = newNotes();
  let { body } = facts;
  let { targets } = chain;
  if (!chain.enabled) notes.blocked = disabled;
  for (const entry of chain.entries) {
    if (notes.blocked !== null) break;
    const { input } = entry.step;
    if (input === undefined || !entry.applies(facts)) continue;
    const result = runStep(chain, entry, notes, {
      phase: 'input',
      run: () => input({ facts, body, targets }),
    });
    body = result.body ?? body;
    targets = result.targets ?? targets;
  }
  return { ...decisionOf(notes), body, targets: targets.map((target) => target.id) };
}

const disabled: Blocked = {
  policy: 'pack',
  phase: 'input',
  reasonCode: 'pack.disabled',
  message: 'The configuration of this gateway is switched off.',
};

/** Runs the output policies in order on a whole answer; a block stops at once and withholds it. */
export function runOutput(chain: Chain, facts: RequestFacts, response: Json): OutputOutcome {
  const notes = newNotes();
  let body = response;
  for (const entry of chain.entries) {
    const { output } = entry.step;
    if (output === undefined || !entry.applies(facts)) continue;
    const result = runStep(chain, entry, notes, { phase: 'output', run: () => output(body) });
    body = result.body ?? body;
    if (notes.blocked !== null) break;
  }
  return { ...decisionOf(notes), body };
}

interface StepRun {
  readonly phase: Phase;
  readonly run: () => StepResult;
}

/** Runs one policy, times it and notes what it did. A policy that fails blocks: nothing passes unexamined. */
function runStep(chain: Chain, entry: ChainEntry, notes: Notes, { phase, run }: StepRun): StepResult {
  const started = chain.nowMicros();
  const result = guarded(entry, run);
  const { verdict, reasonCode, redactions, message = '' } = result;
  const { kind: policy } = entry;
  const durationMicros = chain.nowMicros() - started;
  notes.steps.push({ policy, phase, verdict, ...whatItDid(reasonCode, redactions), durationMicros });
  if (verdict === 'block') notes.blocked = { policy, phase, reasonCode: reasonCode ?? 'blocked', message };
  if (verdict === 'redact') notes.redaction ??= reasonCode;
  if (verdict === 'warn') notes.warnings.push(message);
  return result;
}

const NOTHING = {};

/** The parts of a step that most steps do not have. */
export function whatItDid(
  reasonCode: string | null,
  redactions: number,
): Pick<PolicyStep, 'reasonCode' | 'redactions'> {
  if (reasonCode === null && redactions === 0) return NOTHING;
  return { ...(reasonCode === null ? {} : { reasonCode }), ...(redactions === 0 ? {} : { redactions }) };
}

function guarded(entry: ChainEntry, run: () => StepResult): StepResult {
  try {
    return run();
  } catch {
    // The error may hold content, so it goes no further.
    const reasonCode = `${entry.namespace}.evaluation_failed`;
    return { verdict: 'block', reasonCode, redactions: 0, message: 'A policy could not be evaluated.' };
  }
}

function decisionOf({ steps, warnings, redaction, blocked }: Notes): Decision {
  const verdict = blocked !== null ? 'block' : redaction !== null ? 'redact' : 'allow';
  return { verdict, reasonCode: blocked?.reasonCode ?? redaction, blockedBy: blocked, steps, warnings };
}
