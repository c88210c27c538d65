import { describe, expect, it } from 'vitest';
import { createMemory, fingerprint, MEMORY_COUNTS, NO_MEMORY } from './memory.ts';

describe('the memory of counting policies', () => {
  it('adds up without a window, and reads with 0', () => {
    const memory = createMemory(() => 0).of('tool-budget');
    expect([memory.add('a', 2, null), memory.add('a', 3, null), memory.add('b', 1, null)]).toEqual([2, 5, 1]);
    expect(memory.add('a', 0, null)).toBe(5);
  });

  it('begins anew with each window, and never because a clock is set back', () => {
    let nowMs = 59_000;
    const memory = createMemory(() => nowMs).of('agent-firewall');
    expect(memory.add('a', 2, 60)).toBe(2);
    nowMs = 59_999;
    expect(memory.add('a', 2, 60)).toBe(4);
    nowMs = 60_000;
    expect(memory.add('a', 2, 60)).toBe(2);
    nowMs = 59_000;
    expect(memory.add('a', 2, 60)).toBe(4);
    expect(memory.add('a', 1, 3600)).toBe(1);
  });

  it('keeps kinds apart', () => {
    const book = createMemory(() => 0);
    book.of('tool-budget').add('a', 2, null);
    expect(book.of('agent-firewall').add('a', 0, null)).toBe(0);
    expect(book.of('tool-budget').add('a', 0, null)).toBe(2);
  });

  it('forgets the count that was not asked for longest, of the same window only, and keeps no more than it says', () => {
    const memory = createMemory(() => 0).of('agent-firewall');
    memory.add('daily', 5, 86_400);
    for (let index = 0; index < MEMORY_COUNTS; index++) memory.add(`key ${index}`, 1, null);
    memory.add('key 0', 1, null);
    memory.add('one more', 1, null);
    expect(memory.add('key 0', 0, null)).toBe(2);
    expect(memory.add('key 2', 0, null)).toBe(1);
    expect(memory.add('key 1', 0, null)).toBe(0);
    expect(memory.add('daily', 0, 86_400)).toBe(5);
  });

  it('forgets the table of a window that no document names any more', () => {
    const memory = createMemory(() => 0).of('bot-detector');
    for (let seconds = 1; seconds <= 64; seconds++) memory.add('a', 1, seconds);
    expect(memory.add('a', 0, 1)).toBe(1);
    memory.add('a', 1, 65);
    expect([memory.add('a', 0, 1), memory.add('a', 0, 2)]).toEqual([1, 0]);
  });

  it('is none for test cases', () => {
    const memory = NO_MEMORY.of('tool-budget');
    expect([memory.add('a', 2, null), memory.add('a', 3, null)]).toEqual([2, 3]);
  });
});

describe('a fingerprint', () => {
  it('is short and differs between texts that are alike', () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `result ${index} of a tool${'x'.repeat(index % 7)}`);
    expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
    expect(texts.every((text) => fingerprint(text).length <= 11)).toBe(true);
    expect(fingerprint('')).toBe(fingerprint(''));
  });
});
