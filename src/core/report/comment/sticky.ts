/** What a comment of ours says about itself, hidden in its first line. */
export interface Sticky {
  /** Which of several comments of one program it is. */
  readonly scope: string;
  /** The run that wrote it: a later run has a higher one. */
  readonly order: number;
  /** Who was asked to review so far. */
  readonly asked: readonly string[];
}

const SCOPE = /^[a-z0-9]([a-z0-9._-]{0,60}[a-z0-9])?$/;
const HANDLE = /^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/;
const MARKER = /^<!-- tenantry:comment ([a-z0-9._-]{1,62}) (\d{1,18})((?: @[A-Za-z0-9._/-]+)*) -->$/;

/** True for a name that can stand in the marker. */
export function isScope(text: string): boolean {
  return SCOPE.test(text);
}

/** The first line of a comment; handles that are none are left out. */
export function markerOf({ scope, order, asked }: Sticky): string {
  const handles = asked.filter((handle) => HANDLE.test(handle));
  return `<!-- ${['tenantry:comment', scope, order, ...handles].join(' ')} -->`;
}

/** What the first line of a comment says, or undefined when it is no marker. */
export function readMarker(body: string): Sticky | undefined {
  const [line = ''] = body.split('\n', 1);
  const [, scope, order, handles = ''] = MARKER.exec(line.trimEnd()) ?? [];
  if (scope === undefined || order === undefined) return undefined;
  return { scope, order: Number(order), asked: handles.split(' ').filter((handle) => HANDLE.test(handle)) };
}
