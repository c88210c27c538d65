import { describe, expect, it } from 'vitest';
import { patienceMs, preferenceOf } from './prefer.ts';

describe('what a client says of waiting', () => {
  it.each<[string | undefined, boolean, number | null]>([
    [undefined, false, null],
    ['', false, null],
    ['respond-async', true, null],
    ['Respond-Async, Wait=10', true, 10],
    ['wait="20"; handling=lenient', false, 20],
    ['wait=10, wait=99', false, 10],
    ['wait=-1', false, null],
    ['wait=1e3', false, null],
    ['wait=9999999', false, null],
    ['wait', false, null],
    ['respond-asynchronous', false, null],
  ])('reads %s', (header, respondAsync, waitSeconds) => {
    expect(preferenceOf(header)).toEqual({ respondAsync, waitSeconds });
  });

  it('reads several headers as one', () => {
    expect(preferenceOf(['wait=3', 'respond-async'])).toEqual({ respondAsync: true, waitSeconds: 3 });
  });

  it('is never more than is offered', () => {
    const most = 60_000;
    expect(
      [undefined, 'respond-async', 'wait=10', 'respond-async, wait=10', 'wait=300', 'wait=0'].map((header) =>
        patienceMs(preferenceOf(header), most),
      ),
    ).toEqual([60_000, 0, 10_000, 10_000, 60_000, 0]);
  });
});
