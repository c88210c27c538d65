import type { CommitId, Hash } from '../../core/model/index.ts';
import type { Forge, ForgeAnnotation, ForgeCheck, ForgeCheckOutput, NewForgeCheck } from '../../ports/index.ts';

/** As many as one request may carry. */
const PER_REQUEST = 50;

export interface CheckRunParts {
  readonly forge: Pick<Forge, 'checks' | 'createCheck' | 'addToCheck'>;
  readonly hash: Hash;
}

export interface CheckRunAsk {
  readonly name: string;
  readonly head: CommitId;
  readonly conclusion: NewForgeCheck['conclusion'];
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly ForgeAnnotation[];
}

/** What became of the check run; `completed`: a former run had been interrupted. */
export type CheckResult = 'created' | 'completed' | 'unchanged';

/**
 * A check run with every annotation, fifty at a time. Run again with the same content it adds nothing, and it goes on
 * where a former run was interrupted; with other content a new run takes the place of the old one.
 */
export async function upsertCheck(parts: CheckRunParts, ask: CheckRunAsk): Promise<CheckResult> {
  const { name, head, conclusion, title, summary, annotations } = ask;
  const key = parts.hash.sha256(JSON.stringify([name, head, conclusion, title, summary, annotations]));
  const [newest] = await parts.forge.checks(head, name);
  const batch = (from: number): ForgeCheckOutput => ({
    title,
    summary,
    annotations: annotations.slice(from, from + PER_REQUEST),
  });
  const known: ForgeCheck | undefined = newest?.key === key ? newest : undefined;
  if (known !== undefined && known.annotations >= annotations.length) return 'unchanged';
  const check = known ?? (await parts.forge.createCheck({ name, head, key, conclusion, output: batch(0) }));
  const done = known?.annotations ?? Math.min(PER_REQUEST, annotations.length);
  for (let at = done; at < annotations.length; at += PER_REQUEST) await parts.forge.addToCheck(check.id, batch(at));
  return known === undefined ? 'created' : 'completed';
}
