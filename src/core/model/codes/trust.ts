import type { CodeTable } from './entry.ts';

export const trustCodes = {} as const satisfies CodeTable;
