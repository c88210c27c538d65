import { expect, it } from 'vitest';
import { createSseParser } from '../bytes.ts';
import { frameOf } from './stream.ts';

it.each(['{"a":1}', '{\n"a": 1\n}', '{"a":\r1}', 'one\r\ntwo\n\nevent: forged'])(
  'an event says every line of %j as data, and nothing else',
  (data) => {
    const parser = createSseParser(1000);
    const frame = frameOf(data, 'named');
    expect(parser.push(Buffer.from(frame))).toEqual([data.replace(/\r\n?/g, '\n')]);
    expect(frame.split('\n').filter((line) => !/^(data: |$)/.test(line))).toEqual(['event: named']);
  },
);
