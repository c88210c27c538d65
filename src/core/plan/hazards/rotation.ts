import { type Hazard, instantMs, instantText, objectKey, ofKind } from '../../model/index.ts';
import { type HazardContext, type HazardRule, objectHazard } from './context.ts';

/**
 * A rotation counts the end of the old secrets from when it was made, and the new one works only from the apply. Where review
 * took longer than the overlap, everybody who has the old one is cut off by the same apply that makes the new one work.
 * Told by the time of the commit, so that the same commit is judged alike whenever it is planned.
 */
export const rotationWithoutOverlap: HazardRule = {
  code: 'ROTATION_WITHOUT_OVERLAP',
  decide(context) {
    const { base, head, commitMs } = context;
    if (base === null || head === null || commitMs === undefined) return [];
    const [before, after] = [secretsOf(base), secretsOf(head)];
    const known = new Set(before.map(({ id }) => id));
    return ofKind(head, 'Token').flatMap((token): Hazard[] => {
      const { name } = token.id;
      const isOf = (secret: Secret): boolean => secret.token === name;
      const ends = new Map(after.filter(isOf).map(({ id, endMs }) => [id, endMs]));
      const working = before.filter((secret) => isOf(secret) && secret.endMs > commitMs);
      const isRotated = after.some((secret) => isOf(secret) && !known.has(secret.id));
      const over = working.filter(({ id }) => (ends.get(id) ?? Number.POSITIVE_INFINITY) <= commitMs);
      if (!isRotated || over.length === 0 || over.length < working.length) return [];
      const words = over.map(({ id }) => `${id}, which ended ${instantText(ends.get(id) ?? 0)}`).join('; ');
      const message = `token ${name} gets a new secret with no time for who has ${words}: before the commit of ${instantText(commitMs)}`;
      return [objectHazard('ROTATION_WITHOUT_OVERLAP', objectKey(token.id), message)];
    });
  },
};

interface Secret {
  readonly token: string;
  readonly id: string;
  readonly endMs: number;
}

function secretsOf(side: NonNullable<HazardContext['base']>): readonly Secret[] {
  const rows = ofKind(side, 'Credentials').flatMap(({ document }) => document.spec.tokens);
  return rows.map(({ token, id, notAfter }) => ({ token, id, endMs: instantMs(notAfter) ?? 0 }));
}
