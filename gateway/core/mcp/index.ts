export * from './held.ts';
export * from './message.ts';
export * from './texts.ts';
export * from './tools.ts';
