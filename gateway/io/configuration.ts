import type { Finding, RepoPath, Result } from '../../src/core/model/index.ts';
import { type ReadOptions, readYaml } from '../../src/core/parse/index.ts';
import { type CompiledPolicy, compileDocument, type MemoryBook } from '../../src/core/policy/index.ts';

/** The most that a policy document may take. */
export const POLICY_LIMITS = { bytes: 2 << 20, depth: 64 };

interface CompileOptions {
  readonly mode?: NonNullable<ReadOptions['mode']>;
  /** The counts of this gateway, which outlive the document. */
  readonly memory: MemoryBook;
}

/**
 * Text to a policy that can be enforced, by the same code as `check`; anything that would fail there is refused here. A file
 * of somebody's own must read the same with two readers (`strict`); one reader is enough for what our emitter wrote and the
 * org's keys signed (`fast`).
 */
export function compilePolicyText(
  text: string | Uint8Array,
  file: RepoPath,
  { mode = 'strict', memory }: CompileOptions,
): Result<CompiledPolicy> {
  const read = readYaml(text, file, { limits: POLICY_LIMITS, mode });
  if (!read.ok) return read;
  const where = { placeOf: read.value.placeOf, pointer: '', org: null, object: null };
  return compileDocument(read.value.value, { where, memory, nowMicros: () => Math.round(performance.now() * 1000) });
}

/** The findings that make a document unusable, one line each: place, code, what was expected and found. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter((item) => item.severity !== 'info')
    .map(({ place, code, message, expected, found, fix }) => {
      return `${place.file}:${place.line}:${place.column} ${code} ${message} Expected ${expected}, found ${found}. ${fix}`;
    });
}
