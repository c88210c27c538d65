/** Formats of commands that report on a change. */
export const REPORTS = ['human', 'json', 'markdown'] as const;
/** Formats of commands that give data. */
export const DATA = ['human', 'json'] as const;
