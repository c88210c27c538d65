import type { Finding } from '../../model/index.ts';
import { urlParts } from '../hosts/host.ts';
import { neverHost } from '../hosts/private.ts';
import type { DesiredRule } from '../rule.ts';

export const reviewChannel: DesiredRule = {
  code: 'REVIEW_CHANNEL',
  needs: 'desired',
  decide: (org) =>
    org.all('Review').flatMap((object) =>
      object.document.spec.notifications.flatMap((channel, index): readonly Finding[] => {
        const fault = faultOf(channel);
        if (fault === null) return [];
        const pointer = `/spec/notifications/${index}/to`;
        const message = `${object.id.name} cannot tell anybody through its ${channel.kind}`;
        return [org.report('REVIEW_CHANNEL', { object, pointer }, { message, ...fault })];
      }),
    ),
};

interface Channel {
  readonly kind: 'email' | 'webhook';
  readonly to: string;
  readonly secretEnv?: string;
}

function faultOf({ kind, to, secretEnv }: Channel): Pick<Finding, 'expected' | 'found'> | null {
  if (kind === 'email')
    return secretEnv === undefined ? null : { expected: 'secretEnv for a webhook alone', found: 'an email with one' };
  if (secretEnv === undefined)
    return { expected: 'secretEnv, since nothing unsigned is sent', found: 'a webhook without' };
  const parts = urlParts(to);
  if (parts === null || !/^https:\/\/|^http:\/\/(127\.|localhost[:/]|\[::1\])/.test(to))
    return { expected: 'an https URL, or http on loopback', found: 'another address' };
  // What is private or loopback beside the control plane is for its operator to allow.
  const never = neverHost(parts.host);
  return never === null ? null : { expected: 'a host that messages are sent to', found: never };
}
