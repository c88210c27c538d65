import type { CodeTable } from './entry.ts';

export const commandCodes = {} as const satisfies CodeTable;
