import { isJsonObject, type JsonObject } from '../../model/index.ts';
import type { Report } from '../kinds/kind.ts';

/** Reports a document of another shape (dialect B, single-policy); true when it is one, and nothing else is worth saying. */
export function reportDialect(document: JsonObject, report: Report): boolean {
  const signs = signsOfDialectB(document);
  if (signs.length > 0) {
    report('POLICY_DIALECT_B', '', {
      message: 'This is the illustrative dialect of tutorials, which no gateway runs.',
      expected: 'pack, policies.chain, policy and providers',
      found: signs.join(', '),
    });
    return true;
  }
  const policy = document['policy'];
  if (isJsonObject(policy) && !Object.hasOwn(document, 'pack') && typeof policy['name'] === 'string') {
    report('POLICY_SINGLE_DOCUMENT', '', {
      message: 'The document configures one policy.',
      expected: 'a whole document with pack and policies',
      found: 'policy.name and no pack',
    });
    return true;
  }
  return false;
}

function signsOfDialectB(document: JsonObject): readonly string[] {
  const signs: string[] = [];
  if (Array.isArray(document['policies'])) signs.push('policies as a list');
  if (Object.hasOwn(document, 'version') && !Object.hasOwn(document, 'pack')) signs.push('version');
  if (Object.hasOwn(document, 'input_policies')) signs.push('input_policies');
  if (Object.hasOwn(document, 'output_policies')) signs.push('output_policies');
  return signs;
}
