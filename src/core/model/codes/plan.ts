import type { CodeTable } from './entry.ts';

export const planCodes = {} as const satisfies CodeTable;
