import type { CodeTable } from './entry.ts';

export const validateCodes = {} as const satisfies CodeTable;
