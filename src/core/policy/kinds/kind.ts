import { isShared } from '../../kinds/index.ts';
import type { FindingCode, Json, JsonObject } from '../../model/index.ts';
import type { ControlId } from '../controls.ts';
import type { Validate, ValidationError } from '../generated/validators.js';
import type { Memory } from '../run/memory.ts';
import type { ToolCall } from '../text/calls.ts';
import type { TextFilter } from '../text/filter.ts';
import type { Phase, Question, RequestFacts, SaidText, ServiceReply, Target } from '../types.ts';

/** What one policy says of one request or answer. */
export interface StepResult {
  readonly verdict: 'allow' | 'block' | 'redact' | 'warn' | 'escalate';
  /** `<namespace>.<reason>`; null when there is nothing to say. */
  readonly reasonCode: string | null;
  readonly redactions: number;
  /** For the caller of a blocked or escalated request, or the text of a warning; never content. */
  readonly message?: string;
  /** Of an escalation: how long the question may stand at most. */
  readonly timeoutMs?: number;
  /** Of a block: nobody judged, because a service gave no answer. */
  readonly unanswered?: true;
  /** Headers that go out with the answer, lower-case names. */
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
  readonly targets?: readonly Target[];
}

/** What an input policy looks at: the request as the policies before it left it. */
export interface InputState {
  readonly facts: RequestFacts;
  readonly body: Json;
  readonly targets: readonly Target[];
  /** Counts of this kind that outlive the request. */
  readonly memory: Memory;
}

/** What a policy may look at beside a call: the request that is answered, and its own counts. */
export interface CallState {
  readonly facts: RequestFacts;
  readonly memory: Memory;
}

/** What a policy that asks another service looks at. */
export interface AskState {
  readonly facts: RequestFacts;
  readonly phase: Phase;
  /** Of the request, or of the answer, as the policies before left them. */
  readonly texts: readonly SaidText[];
  /** The first reason of the policies before it. */
  readonly reasonCode: string | null;
  /** The id of the target that answered; null where it is not known. */
  readonly target: string | null;
}

/** A question, and what the policy says with the reply to it. */
export interface Asking {
  readonly question: Question;
  readonly judge: (reply: ServiceReply) => StepResult;
}

/** A policy with its settings, ready to run. A phase it has no function for passes by. */
export interface CompiledStep {
  readonly input?: (state: InputState) => StepResult;
  readonly output?: (body: Json) => StepResult;
  /**
   * Judges one tool call that an answer asks for, its arguments as the policies before left them, before anything of it goes
   * out: the same on whole answers and on streams. It allows, warns, blocks or escalates. In place of `output`, never with it.
   */
  readonly call?: (call: ToolCall, state: CallState) => StepResult;
  /** What it says of every answer, whatever is in it: of a stream too. In place of `output` and `call`. */
  readonly always?: StepResult;
  /** It may escalate an answer, so a stream that it applies to is held whole until its end. */
  readonly mayEscalate?: boolean;
  /**
   * Asks another service in each of its phases, or says at once what it says without. A stream that it applies to is held whole.
   * In place of `input`, `output`, `call` and `always`.
   */
  readonly ask?: (state: AskState) => StepResult | Asking;
  /** How it filters streamed text; always together with `output`. */
  readonly filter?: TextFilter;
  readonly filterReason?: { readonly reasonCode: string; readonly message: string };
  /** Lower-case names of the headers it looks at. */
  readonly headersRead?: readonly string[];
}

export interface ReportFacts {
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly fix?: string;
  readonly at?: 'key' | 'value';
}

/** Notes a finding; `pointer` is relative to the document. */
export type Report = (code: FindingCode, pointer: string, facts: ReportFacts) => void;

export interface CompileContext {
  /** Of the block, relative to the document. */
  readonly pointer: string;
  readonly report: Report;
  /** The targets of the document. */
  readonly targets: () => readonly Target[];
  /** False for a block outside the chain, which is checked and never run. */
  readonly inChain: boolean;
}

/** A kind with settings of its own type. */
interface KindDefinition<Config> {
  readonly kind: string;
  readonly phases: readonly Phase[];
  readonly namespace: string;
  /** Items of published lists that it speaks to, not that it fulfils. */
  readonly controls: readonly ControlId[];
  readonly schema: Json;
  readonly validate: Validate<Config>;
  /** Reports what contradicts itself and answers the step; a step with findings never runs. */
  readonly compile: (config: Config, context: CompileContext) => CompiledStep;
  /** What docs/policy-compatibility.md says about it. */
  readonly notes: readonly string[];
}

/** A kind as the rest of the engine sees it. */
export interface PolicyKind {
  readonly kind: string;
  readonly phases: readonly Phase[];
  readonly namespace: string;
  readonly controls: readonly ControlId[];
  readonly notes: readonly string[];
  readonly schema: Json;
  /** The step, or what is wrong with the shape of the settings. */
  readonly build: (config: JsonObject, context: CompileContext) => CompiledStep | readonly ValidationError[];
}

/** A step that settings alone decide: nothing was reported, and nobody asked for the targets of the document. */
interface KnownStep {
  readonly inChain: boolean;
  readonly step: CompiledStep;
}

export function policyKind<Config>(definition: KindDefinition<Config>): PolicyKind {
  const { kind, phases, namespace, controls, notes, schema, validate, compile } = definition;
  // Settings that a template states stand in documents of any number of orgs.
  const known = new WeakMap<object, KnownStep>();
  return {
    kind,
    phases,
    namespace,
    controls,
    notes,
    schema,
    build: (config: unknown, context) => {
      const source = config as JsonObject;
      const before = known.get(source);
      if (before !== undefined && before.inChain === context.inChain) return before.step;
      if (!validate(config)) return validate.errors ?? [];
      if (!isShared(source)) return compile(config, context);
      const { step, isAlone } = compileAlone((alone) => compile(config, alone), context);
      if (isAlone) known.set(source, { inChain: context.inChain, step });
      return step;
    },
  };
}

/** Compiles a step, and tells whether it would be the same, without a word, in every document. */
function compileAlone(
  compile: (context: CompileContext) => CompiledStep,
  { pointer, report, targets, inChain }: CompileContext,
): { readonly step: CompiledStep; readonly isAlone: boolean } {
  let isAlone = true;
  const step = compile({
    pointer,
    inChain,
    report: (code, at, facts) => {
      isAlone = false;
      report(code, at, facts);
    },
    targets: () => {
      isAlone = false;
      return targets();
    },
  });
  return { step, isAlone };
}

export const ALLOW: StepResult = { verdict: 'allow', reasonCode: null, redactions: 0 };
