// Loaded into a program before its own code: its clock is ahead by as many milliseconds as a file says, which is read again
// and again, so that the clock jumps forward and back while the program runs.

import { readFileSync } from 'node:fs';

const READ_EVERY_MS = 50;
const file = process.env['TENANTRY_CLOCK_FILE'] ?? '';
const RealDate = Date;
const read = () => Number(readFileSync(file, 'utf8'));

let aheadMs = read();
setInterval(() => {
  aheadMs = read();
}, READ_EVERY_MS).unref();

const nowMs = () => RealDate.now() + aheadMs;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [nowMs()] : given));
  }

  static now() {
    return nowMs();
  }
};
