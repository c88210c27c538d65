import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OrgSlug, orgSlug, type Sha256Hex } from '../core/model/index.ts';
import { decodeEnrolmentCode, type EnrolmentCode, encodeEnrolmentCode, enrolmentSecretHash } from './index.ts';
import { sha256Of } from './layout.ts';
import { ORG } from './trust.testkit.ts';

const code: EnrolmentCode = {
  fleet: 'example',
  orgUid: ORG,
  org: orgSlug('acme') as OrgSlug,
  gateway: 'desk',
  secret: new Uint8Array(32).fill(7),
  rootSha256: 'ab'.repeat(32) as Sha256Hex,
};
const text = encodeEnrolmentCode(code);

describe('enrolment codes', () => {
  it('come back whole, for any secret, and are one word', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
        const other = encodeEnrolmentCode({ ...code, secret });
        expect(other).toMatch(/^tne_[A-Za-z0-9_-]+$/);
        expect(decodeEnrolmentCode(other)).toEqual({ ok: true, value: { ...code, secret } });
      }),
    );
  });

  it('are refused with any character changed, dropped or doubled', () => {
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A';
      for (const typo of [text.slice(0, at) + other + text.slice(at + 1), text.slice(0, at) + text.slice(at + 1)]) {
        expect(decodeEnrolmentCode(typo), typo).toMatchObject({ ok: false, code: 'ENROLMENT_CODE' });
      }
      expect(decodeEnrolmentCode(text.slice(0, at + 1) + text.slice(at)).ok).toBe(false);
    }
  });

  it.each(['', 'tne_', 'tnt_abcd', ` ${text}`, `${text}\n`, text.toUpperCase(), `tne_${'A'.repeat(700)}`])(
    'refuses %j',
    (other) => {
      expect(decodeEnrolmentCode(other)).toMatchObject({ ok: false, code: 'ENROLMENT_CODE' });
    },
  );

  it('whose check bytes are right are still looked at', () => {
    const bytes = Buffer.from(text.slice(4), 'base64url').subarray(0, -4);
    const sealed = (body: Uint8Array): string => {
      const check = Buffer.from(sha256Of(body), 'hex').subarray(0, 4);
      return `tne_${Buffer.concat([body, check]).toString('base64url')}`;
    };
    const withText = (from: string, to: string): Uint8Array =>
      Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
    expect(sealed(bytes)).toBe(text);
    const others = [
      Buffer.of(2, ...bytes.subarray(1)),
      Buffer.concat([bytes, Buffer.of(0)]),
      bytes.subarray(0, -1),
      Buffer.of(1),
      withText('example', 'EXAMPLE'),
      withText(ORG, ORG.toUpperCase()),
      withText('acme', 'ACME'),
      withText('desk', 'DESK'),
    ];
    for (const other of others) {
      expect(decodeEnrolmentCode(sealed(other))).toEqual({
        ok: false,
        code: 'ENROLMENT_CODE',
        detail: 'expected a code of this version of Tenantry, found another',
      });
    }
  });

  it('that are overlong or other text are not decoded at all', () => {
    for (const other of [`tne_${'A'.repeat(597)}`, 'tnt_AAAA', 'tne_']) {
      expect(decodeEnrolmentCode(other)).toMatchObject({ detail: expect.stringContaining('starts with tne_') });
    }
  });

  it('keep nothing of the secret with the control plane but a hash of its own kind', () => {
    expect(enrolmentSecretHash(code.secret)).toMatch(/^[0-9a-f]{64}$/);
    expect(enrolmentSecretHash(code.secret)).not.toBe(enrolmentSecretHash(new Uint8Array(32)));
    expect(() => encodeEnrolmentCode({ ...code, secret: new Uint8Array(16) })).toThrow(RangeError);
  });
});
