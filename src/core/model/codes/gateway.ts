import type { CodeTable } from './entry.ts';

export const gatewayCodes = {} as const satisfies CodeTable;
