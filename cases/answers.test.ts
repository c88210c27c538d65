import { describe, expect, it } from 'vitest';
import { proveAnswer, proveOutput } from './answers.testkit.ts';

// What every case that runs a command relies on: JSON that is not what is published does not pass unseen.

const JSON_OF_WAIVER = ['waiver', 'add', 'acme/x', '--format', 'json'];
const waiver = { schema: 'tenantry/waiver/v1', org: 'acme', name: 'x', file: 'orgs/acme/waivers/x.yaml' };
const { file: _file, ...fileless } = waiver;

describe('an answer', () => {
  it('that fits is given back', () => {
    expect(proveAnswer(JSON.stringify(waiver), 'here')).toEqual(waiver);
    proveOutput(JSON_OF_WAIVER, JSON.stringify(waiver, null, 2));
  });

  it.each([
    ['a field too few', fileless, "/ must have required property 'file'"],
    ['a field too many', { ...waiver, more: 1 }, '/ must NOT have additional properties ("more")'],
    ['another type', { ...waiver, file: null }, '/file must be string, found null'],
    [
      'a schema that nobody publishes',
      { ...waiver, schema: 'tenantry/none/v1' },
      'none.schema.json, found no such file',
    ],
    [
      'the schema of something else',
      { ...waiver, schema: 'tenantry/explain/v1' },
      "must have required property 'code'",
    ],
    ['no schema', { org: 'acme' }, 'expected a schema tenantry/<name>/v1, found null'],
    ['no object', [waiver], 'expected one JSON object, found'],
  ])('with %s ends the case, and says which command and what', (_, answer, words) => {
    const prove = (): void => proveOutput(JSON_OF_WAIVER, JSON.stringify(answer));
    expect(prove).toThrow(/^tenantry waiver add acme\/x --format json: /);
    expect(prove).toThrow(words);
  });

  it.each([['--format', 'json'], ['--format=json']])('is meant by %s, and must be JSON', (...flags) => {
    expect(() => proveOutput(['org', 'list', ...flags], 'No orgs yet.')).toThrow('expected one JSON object');
  });

  it('is nothing where a command refused, was asked for text or for help', () => {
    proveOutput(JSON_OF_WAIVER, '');
    proveOutput(['waiver', 'list'], 'No waivers.\n');
    proveOutput([...JSON_OF_WAIVER, '--help'], 'Usage: tenantry waiver add\n');
  });

  it('of lines is each line', () => {
    const line = { schema: 'tenantry/journal-line/v1', org: 'acme', gateway: 'desk', chain: 1, hash: 'a'.repeat(64) };
    const [good, bad] = [JSON.stringify({ ...line, damaged: 'x' }), JSON.stringify(line)];
    proveOutput(['events', 'export', '--org', 'acme'], `${good}\n${good}\n`);
    expect(() => proveOutput(['events', 'export', '--org', 'acme'], `${good}\n${bad}\n`)).toThrow('journal-line');
    expect(() => proveOutput(['events', 'tail', '--follow', '--format', 'json'], `${bad}\n`)).toThrow('journal-line');
  });
});
