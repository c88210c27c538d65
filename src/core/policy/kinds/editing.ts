import type { Json } from '../../model/index.ts';
import { editAnswers } from '../text/answer.ts';
import { chainStreams, editAll, type TextEdit } from '../text/edit.ts';
import { ALLOW, type CompiledStep, type StepResult } from './kind.ts';

interface EditingStep {
  readonly edits: readonly TextEdit[];
  /** The reason code of a changed answer. */
  readonly changeCode: string;
}

/** A step that edits the words of answers, streamed or whole. */
export function editingStep({ edits, changeCode }: EditingStep): CompiledStep {
  if (edits.length === 0) return { output: () => ALLOW };
  return {
    output: (body) => editWhole(body, { edits, changeCode }),
    filter: {
      action: 'rewrite',
      holdBack: edits.reduce((sum, edit) => sum + edit.holdBack, 0),
      changeCode,
      open: () => chainStreams(edits.map((edit) => edit.open())),
    },
    filterReason: { reasonCode: changeCode, message: 'A rule of the answer could not be applied.' },
  };
}

/** A whole answer with its words edited; the same object when nothing changed. */
export function editWhole(body: Json, { edits, changeCode }: EditingStep): StepResult {
  let changes = 0;
  const edited = editAnswers(body, (texts) => {
    const made = editAll(edits, texts);
    changes += made.edits;
    return made.texts;
  });
  return changes === 0 ? ALLOW : { verdict: 'redact', reasonCode: changeCode, redactions: changes, body: edited };
}
