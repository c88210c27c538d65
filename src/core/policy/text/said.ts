import type { Json } from '../../model/index.ts';
import type { Phase, SaidText } from '../types.ts';
import { readTexts } from './visit.ts';
import { DEFINITION, SETTING } from './walk.ts';

/** Every text of a request or an answer that is said, and not a definition or a setting: what other services are asked about. */
export function saidTexts(body: Json, phase: Phase): readonly SaidText[] {
  const texts: SaidText[] = [];
  readTexts(body, phase, (text, role, { isFixed }) => {
    if (role !== DEFINITION && role !== SETTING && isFixed !== true) texts.push({ role, text });
  });
  return texts;
}
