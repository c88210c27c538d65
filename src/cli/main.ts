import { run } from './run.ts';

// Answers are written synchronously, so nothing is lost by not waiting for idle handles.
process.exit(await run(process.argv.slice(2)));
