import type { DesiredRule } from '../rule.ts';

/** The control plane asks the first Review of an org by name; one behind it would wait for ever for something to do. */
export const reviewSecond: DesiredRule = {
  code: 'REVIEW_SECOND',
  needs: 'desired',
  decide: (org) => {
    const [first, ...others] = [...org.all('Review')].sort((a, b) => (a.id.name < b.id.name ? -1 : 1));
    return others.map((object) =>
      org.report(
        'REVIEW_SECOND',
        { object, pointer: '/spec/queue' },
        {
          message: `nothing is ever handed to the queue of ${object.id.name}`,
          expected: `one Review; everything of the org goes to ${first?.id.name}`,
          found: object.id.name,
        },
      ),
    );
  },
};
