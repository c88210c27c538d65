import type { Json } from '../../model/index.ts';
import { editAnswers } from '../text/answer.ts';
import { chainStreams, editAll, type TextEdit } from '../text/edit.ts';
import type { DetectorFilter } from '../text/filter.ts';
import { filterMember } from '../text/member.ts';
import { streamFilter } from '../text/stream.ts';
import { readTexts } from '../text/visit.ts';
import { ALLOW, type CompiledStep, type StepResult } from './kind.ts';

interface EditingStep {
  readonly edits: readonly TextEdit[];
  /** The reason code of a changed answer. */
  readonly changeCode: string;
  /** What no text of an answer may hold, looked for before the edits. */
  readonly forbidden?: Forbidden;
}

interface Forbidden {
  readonly filter: DetectorFilter;
  readonly reasonCode: string;
  readonly message: string;
}

/** A step that edits the words of answers, streamed or whole. */
export function editingStep({ edits, changeCode, forbidden }: EditingStep): CompiledStep {
  if (edits.length === 0 && forbidden === undefined) return { output: () => ALLOW };
  const detectors = forbidden?.filter.detectors ?? [];
  const reaches = [...detectors.map(({ reach }) => reach - 1), 0];
  return {
    output: (body) =>
      forbidden !== undefined && holdsMatch(body, forbidden.filter)
        ? { verdict: 'block', reasonCode: forbidden.reasonCode, redactions: 0, message: forbidden.message }
        : editWhole(body, edits, changeCode),
    filter: {
      action: 'rewrite',
      holdBack: Math.max(...reaches) + edits.reduce((sum, edit) => sum + edit.holdBack, 0),
      changeCode,
      open: () =>
        chainStreams([
          ...(forbidden === undefined ? [] : [streamFilter(forbidden.filter)]),
          ...edits.map((edit) => edit.open()),
        ]),
      elsewhere: forbidden?.filter ?? null,
    },
    filterReason: forbidden ?? { reasonCode: changeCode, message: 'The answer could not be changed as its rules say.' },
  };
}

function holdsMatch(body: Json, filter: DetectorFilter): boolean {
  let found = false;
  readTexts(body, 'output', (text, _, { key }) => {
    found ||= filterMember(filter, text, key).matches > 0;
  });
  return found;
}

/** A whole answer with its words edited; the same object when nothing changed. */
function editWhole(body: Json, edits: readonly TextEdit[], changeCode: string): StepResult {
  let changes = 0;
  const edited = editAnswers(body, (texts) => {
    const made = editAll(edits, texts);
    changes += made.edits;
    return made.texts;
  });
  return changes === 0 ? ALLOW : { verdict: 'redact', reasonCode: changeCode, redactions: changes, body: edited };
}
