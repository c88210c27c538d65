/** `family:use:model`, the shorthand of a target's provider (policy-config reference 4.1). */
const SHORTHAND = /^([^:]+):([^:]+):(.+)$/;

/** What `provider` of a target says. */
export interface WrittenProvider {
  readonly family: string;
  readonly use: string;
  /** undefined: it names none, and the target does in a field of its own. */
  readonly model: string | undefined;
}

export function providerOf(written: string): WrittenProvider {
  const [, family = written, use = 'chat', model] = SHORTHAND.exec(written) ?? [];
  return { family, use, model };
}
