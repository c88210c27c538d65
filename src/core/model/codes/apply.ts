import type { CodeTable } from './entry.ts';

export const applyCodes = {} as const satisfies CodeTable;
