// Loaded before a program under test: counts each call that changes something on a disk, and ends the process with SIGKILL
// at one of them; with half of it done, where it writes and TORN is set. At a normal end the count is written to a file.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const killAt = Number(process.env['TENANTRY_KILL_AT'] ?? Number.POSITIVE_INFINITY);
const isTorn = process.env['TENANTRY_KILL_TORN'] === '1';
const countFile = process.env['TENANTRY_KILL_COUNT'];
const writeFileSync = fs.writeFileSync;
const writeSync = fs.writeSync;

let changes = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
/** True when this change is the one to die at. */
const isLast = () => {
  changes += 1;
  return changes === killAt;
};

const isWriting = (flags) => (typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(flags ?? 'r'));

/** Wraps functions of `owner`; `half` does half of the work of one that is given these arguments. */
const wrap = (owner, names, { half = () => {}, counts = () => true } = {}) => {
  for (const name of names) {
    const real = owner[name];
    owner[name] = function (...args) {
      if (counts(args) && isLast()) {
        if (isTorn) half(args);
        die();
      }
      return real.apply(this, args);
    };
  }
};

const halfOf = (data) => {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return bytes.subarray(0, bytes.length >> 1);
};
const halfFile = ([path, data]) => {
  if (typeof path === 'number') writeSync(path, halfOf(data));
  else writeFileSync(path, halfOf(data));
};
const halfWrite = ([fd, data, offset = 0, length = data.length - offset, position = null]) =>
  writeSync(fd, data, offset, length >> 1, position);
const opensToWrite = ([, flags]) => isWriting(flags);

const SILENT = ['rename', 'rm', 'mkdir', 'unlink', 'link'];
const handle = await fs.promises.open(import.meta.filename, 'r');
wrap(Object.getPrototypeOf(handle), ['writeFile', 'write', 'sync', 'datasync', 'truncate']);
await handle.close();
wrap(fs.promises, SILENT);
wrap(fs.promises, ['open'], { counts: opensToWrite });
wrap(fs.promises, ['writeFile'], { half: halfFile });
wrap(fs, [
  ...SILENT.map((name) => `${name}Sync`),
  'fsyncSync',
  'fdatasyncSync',
  'ftruncateSync',
  'ftruncate',
  'fsync',
  'fdatasync',
]);
wrap(fs, ['openSync', 'open'], { counts: opensToWrite });
wrap(fs, ['writeFileSync'], { half: halfFile });
wrap(fs, ['writeSync', 'write'], { half: halfWrite, counts: ([fd]) => fd > 2 });
syncBuiltinESMExports();

if (countFile !== undefined) process.on('exit', () => writeFileSync(countFile, String(changes)));
