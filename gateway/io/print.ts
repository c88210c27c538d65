import { writeSync } from 'node:fs';

/**
 * Writes everything to standard output before it returns, also to a slow pipe; throws the system's error where it cannot be had.
 * A reader that went away is no failure.
 */
export function print(text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw cause;
    }
  }
}
