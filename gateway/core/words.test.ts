import { expect, test } from 'vitest';
import { withoutAccounts } from './words.ts';

test.each([
  [
    'Project `proj_Secret` of organization org-MSP123 does not have access to model gpt-4o.',
    'Project `[account]` of organization [account] does not have access to model gpt-4o.',
  ],
  ['Limit in organization org-aBcDeFgHiJkLmNoPqRsTuVwX on tokens', 'Limit in organization [account] on tokens'],
  ['user-qwertyuiopasdfghjklzxcvb, acct_1Ab', '[account], [account]'],
  ['of 3fa85f64-5717-4562-b3fc-2c963f66afa6.', 'of [account].'],
  ['to arn:aws:iam::123456789012:user/ana is denied', 'to [account] is denied'],
])('the account is left out of %j', (words, left) => {
  expect(withoutAccounts(words)).toBe(left);
});

test.each([
  'max_tokens is too large: 9000000. This model supports at most 16384.',
  'The org-wide limit of user_id and user-agent, proj_name, and org-chart.',
  "Invalid value: 'assistants'. Supported values are: 'system' and 'user'.",
  '',
])('other words stay: %j', (words) => {
  expect(withoutAccounts(words)).toBe(words);
});
