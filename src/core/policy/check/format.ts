import type { Target as WrittenTarget } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { Target } from '../types.ts';
import { FOREIGN_FAMILIES } from './known.ts';

/** What a target speaks, and what follows from that where the document is silent. */
export interface Speech extends Pick<Target, 'format' | 'apiVersion'> {
  readonly baseUrl: string;
  readonly apiKeyHeader: string;
  readonly apiKeyPrefix: string;
}

const OPENAI: Speech = {
  format: 'openai',
  apiVersion: null,
  baseUrl: 'https://api.openai.com',
  apiKeyHeader: 'authorization',
  apiKeyPrefix: 'Bearer ',
};

/** The version of its interface that Anthropic has required since it is public. */
const ANTHROPIC_VERSION = '2023-06-01';
const ANTHROPIC: Speech = {
  format: 'anthropic',
  apiVersion: ANTHROPIC_VERSION,
  baseUrl: 'https://api.anthropic.com',
  apiKeyHeader: 'x-api-key',
  apiKeyPrefix: '',
};

/** Where a provider's own interface is, from `provider` as a target writes it; undefined for who has to be said where it is. */
export function usualUrlOf(provider: string): string | undefined {
  const [family] = provider.split(':');
  return [OPENAI, ANTHROPIC].find(({ format }) => format === family)?.baseUrl;
}

/** The wire format of a target: what `format` or `provider_type` says, else that of the provider's own name. */
export function speechOf(target: WrittenTarget, family: string, pointer: string, report: Report): Speech {
  const declared = target.format ?? target.provider_type;
  const speech = (declared ?? family) === 'anthropic' ? ANTHROPIC : OPENAI;
  checkFamily(target, { family, declared }, pointer, report);
  if (target.format !== undefined && target.provider_type !== undefined && target.format !== target.provider_type) {
    report('POLICY_UNSUPPORTED_VALUE', `${pointer}/format`, {
      message: `Target ${target.id} is of one type and of another format.`,
      expected: `format: ${target.provider_type}`,
      found: `format: ${target.format}`,
    });
  }
  if (target.anthropic_version === undefined) return speech;
  if (speech.format !== 'anthropic') {
    report('POLICY_UNSUPPORTED_VALUE', `${pointer}/anthropic_version`, {
      message: 'Only a target of format anthropic has an anthropic_version.',
      expected: 'format: anthropic',
      found: `format: ${speech.format}`,
    });
  }
  return { ...speech, apiVersion: target.anthropic_version };
}

/** A provider is known by its name, or the document says what it speaks and where it is. */
function checkFamily(
  target: WrittenTarget,
  { family, declared }: { readonly family: string; readonly declared: string | undefined },
  pointer: string,
  report: Report,
): void {
  const isKnown = family === 'openai' || family === 'anthropic';
  if (isKnown && (declared === undefined || declared === family)) return;
  const isForeign = FOREIGN_FAMILIES.includes(family);
  if (!isKnown && !isForeign && declared !== undefined && target.base_url !== undefined) return;
  report('POLICY_UNSUPPORTED_VALUE', `${pointer}/provider`, {
    message: isKnown
      ? `The provider ${family} is said to speak the wire format of ${declared}.`
      : isForeign
        ? `The provider ${family} is known, but not supported yet.`
        : `Which wire format ${family} speaks is not said.`,
    expected: 'openai, anthropic, or a provider with format (openai or anthropic) and base_url',
    found: family,
    ...(isKnown || isForeign ? {} : { fix: 'Add format and base_url, if the provider speaks one of them.' }),
  });
}
