import type { CodeTable } from './entry.ts';

export const renderCodes = {} as const satisfies CodeTable;
