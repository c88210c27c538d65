import type { CodeTable } from './entry.ts';

export const policyCodes = {} as const satisfies CodeTable;
