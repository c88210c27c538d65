import { startOf, unseenIn } from '../model/index.ts';
import { type Fault, placeAt, type Source } from './source.ts';

const BYTES_PER_UNIT_MAX = 3;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of a file, or what is wrong with its bytes. `maxBytes` counts before anything is decoded. */
export function textOf(data: Uint8Array | string, source: Source, maxBytes: number): string | Fault {
  if (data.length > maxBytes) return tooLarge(source, data.length, maxBytes);
  const text = typeof data === 'string' ? data : decode(data);
  if (text === undefined) return notUnicode(source, data);
  if (typeof data === 'string') {
    if (!text.isWellFormed()) return notUnicode(source, data);
    // A UTF-16 unit is at most three bytes: most texts need no counting.
    const length = text.length * BYTES_PER_UNIT_MAX <= maxBytes ? 0 : new TextEncoder().encode(text).length;
    if (length > maxBytes) return tooLarge(source, length, maxBytes);
  }
  if (text.startsWith('\ufeff')) {
    return {
      code: 'YAML_ENCODING',
      place: startOf(source.file),
      message: 'the file begins with a byte order mark',
      expected: 'UTF-8 without a byte order mark',
      found: 'a byte order mark',
    };
  }
  const unseen = unseenIn(text);
  return unseen === undefined ? text : controlCharacter(source, text, unseen);
}

/** A character by its number, as `U+202E`. */
export function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

function tooLarge({ file }: Source, bytes: number, maxBytes: number): Fault {
  return {
    code: 'YAML_TOO_LARGE',
    place: startOf(file),
    message: 'the file is too large to be read',
    expected: `at most ${maxBytes} bytes`,
    found: `${bytes} bytes`,
  };
}

function notUnicode(source: Source, data: Uint8Array | string): Fault {
  const text = typeof data === 'string' ? data.toWellFormed() : LENIENT.decode(data);
  const offset = Math.max(0, text.indexOf('\ufffd'));
  return {
    code: 'YAML_ENCODING',
    place: placeAt(source.file, text, offset),
    message: 'the file is not UTF-8',
    expected: 'UTF-8',
    found: 'bytes that are no character',
  };
}

function controlCharacter(source: Source, text: string, unseen: NonNullable<ReturnType<typeof unseenIn>>): Fault {
  return {
    code: 'YAML_CONTROL_CHARACTER',
    place: placeAt(source.file, text, unseen.index),
    message: 'the file holds a character that cannot be seen',
    expected: 'visible characters, blanks, tabs and line breaks',
    found: numberOf(unseen.character),
  };
}

/**
 * The offset at which a text is nested deeper than `max`, counted without parsing: brackets that are open and dashes at
 * the beginning of a line. Brackets in quotes and comments count too, so `max` is far above what a parser then allows.
 */
export function deepAt(text: string, max: number): number | undefined {
  let [open, dashes, fresh] = [0, 0, true];
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === LF) [dashes, fresh] = [0, true];
    else if (code === DASH || code === QUESTION) dashes += fresh ? 1 : 0;
    else if (code !== SPACE) fresh = false;
    if (code === SQUARE || code === CURLY) open++;
    else if ((code === SQUARE + 2 || code === CURLY + 2) && open > 0) open--;
    if (open + dashes > max) return offset;
  }
  return undefined;
}

const LF = 10;
const SPACE = 32;
const DASH = 45;
const QUESTION = 63;
const SQUARE = 91;
const CURLY = 123;
