import type { Place } from '../../core/model/index.ts';
import { explain } from '../../core/report/index.ts';
import { why } from '../../flows/index.ts';
import { answerWith, openFleet, slugOf } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

const at = (place: Place): string => `${place.file}:${place.line}:${place.column}`;

/** `tenantry why`: template line, input lines, overlay of one value. */
export const whyCommand: CommandSpec['run'] = async (context, [org = '', object = '', field = '']) => {
  const fleet = await openFleet(context);
  const answer = await why({ tree: fleet.repository.workTree() }, { org: slugOf(org), object, field });
  if (!answer.ok) throw new CommandError(EXIT.refused, answer.code, answer.message);
  const { key, pointer, value, template, inputs, overlay, written } = answer.value;
  answerWith(context, { schema: 'tenantry/why/v1', org, ...answer.value }, () => {
    const lines = [`${context.terminal.paint('strong', `${key} ${pointer}`)} = ${JSON.stringify(value)}`];
    if (template !== null) lines.push(`  template  ${at(template)}`);
    for (const input of inputs) lines.push(`  input     ${at(input)}`);
    if (overlay !== null) lines.push(`  overlay   ${at(overlay)}`);
    if (written !== null) lines.push(`  written   ${at(written)}`);
    return lines.join('\n');
  });
  return EXIT.ok;
};

/** `tenantry explain`: the long form of a code. */
export const explainCommand: CommandSpec['run'] = async (context, [code = '']) => {
  const text = explain(code.toUpperCase());
  if (text === undefined)
    throw new CommandError(
      EXIT.refused,
      'CODE_UNKNOWN',
      `expected a code as findings print it, found ${code}; docs/findings.md lists all`,
    );
  answerWith(context, { schema: 'tenantry/explain/v1', code: code.toUpperCase(), text }, () => text);
  return EXIT.ok;
};
