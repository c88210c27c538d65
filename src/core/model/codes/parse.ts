import type { CodeTable } from './entry.ts';

export const parseCodes = {} as const satisfies CodeTable;
