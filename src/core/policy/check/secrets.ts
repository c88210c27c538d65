import { isSecretText, isShared } from '../../kinds/index.ts';
import { isJsonObject, type Json, pointerStep } from '../../model/index.ts';
import type { Report } from '../kinds/kind.ts';

// Keys whose value is the secret itself, in any spelling.
const SECRET_KEYS = new Set(['apikey', 'secretkey', 'accesstoken', 'password', 'secret', 'privatekey']);

function isSecret(key: string, text: string): boolean {
  return (isSecretKey(key) && text !== '') || isSecretText(text);
}

// The same field names stand in every document; bounded, so that data cannot make it grow.
const judgedKeys = new Map<string, boolean>();
const MOST_KEYS = 1000;

function isSecretKey(key: string): boolean {
  const known = judgedKeys.get(key);
  if (known !== undefined) return known;
  const answer = SECRET_KEYS.has(key.toLowerCase().replaceAll(/[_-]/g, ''));
  if (judgedKeys.size < MOST_KEYS) judgedKeys.set(key, answer);
  return answer;
}

/** Whether any text below a key is a secret: nearly never, and this way asks for no pointers. */
function holdsSecret(value: Json, key: string): boolean {
  if (typeof value === 'string') return isSecret(key, value);
  if (Array.isArray(value)) return value.some((item: Json) => holdsSecret(item, key));
  if (!isJsonObject(value) || withoutSecret.has(value)) return false;
  const holds = Object.keys(value).some((name) => holdsSecret(value[name] ?? null, name));
  if (!holds && isShared(value)) withoutSecret.add(value);
  return holds;
}

/** Maps that documents of any number of orgs share. A list is not among them: what its texts are, its key decides. */
const withoutSecret = new WeakSet<object>();

/** Reports every literal secret, never repeating it, and answers their pointers relative to the document. */
export function reportSecrets(document: Json, report: Report): ReadonlySet<string> {
  const told = new Set<string>();
  const visit = (value: Json, pointer: string, key: string): void => {
    if (typeof value === 'string') {
      if (!isSecret(key, value)) return;
      told.add(pointer);
      report('POLICY_LITERAL_SECRET', pointer, {
        message: 'The document holds a secret.',
        expected: 'a reference: secret_key_ref with env or store',
        found: `text of ${value.length} characters that looks like a secret`,
      });
    } else if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) visit(item, `${pointer}/${index}`, key);
    } else if (isJsonObject(value)) {
      for (const [name, item] of Object.entries(value)) visit(item, `${pointer}/${pointerStep(name)}`, name);
    }
  };
  if (isJsonObject(document)) {
    // Test cases hold made-up secrets on purpose.
    for (const [name, item] of Object.entries(document))
      if (name !== 'testing' && holdsSecret(item, name)) visit(item, `/${pointerStep(name)}`, name);
  }
  return told;
}
