import type { DesiredRule } from '../rule.ts';

export const reviewUnstaffed: DesiredRule = {
  code: 'REVIEW_UNSTAFFED',
  needs: 'desired',
  decide: (org) => {
    const people = new Map(
      org.all('Team').map(({ id, document }) => [id.name, document.spec.leads.length + document.spec.members.length]),
    );
    return org.all('Review').flatMap((review) => {
      const { teams } = review.document.spec.reviewers;
      if (teams.some((team) => (people.get(team) ?? 0) > 0)) return [];
      return [
        org.report(
          'REVIEW_UNSTAFFED',
          { object: review, pointer: '/spec/reviewers/teams' },
          {
            message: `nobody can decide in queue ${review.document.spec.queue}: ${teams.join(', ')} without people`,
            expected: 'a team with at least one lead or member',
            found: '0 people',
          },
        ),
      ];
    });
  },
};
