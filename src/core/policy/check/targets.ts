import type { PolicyDocument, Target as WrittenTarget } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { DataPolicy, Target } from '../types.ts';
import { endpointOf, fixedHeaders } from './endpoints.ts';
import { speechOf } from './format.ts';
import { providerOf } from './provider.ts';

/** The targets of a document of the right shape, and a finding for each thing in them that contradicts itself. */
export function compileTargets(document: PolicyDocument, report: Report): readonly Target[] {
  const written = document.providers?.targets ?? [];
  if (written.length === 0) {
    report('POLICY_TARGETS_MISSING', '/providers', {
      message: 'There is nothing to send a request to.',
      expected: 'providers.targets',
      found: 'nothing',
    });
  }
  const seen = new Set<string>();
  return written.map((target, index) => {
    const pointer = `/providers/targets/${index}`;
    if (seen.has(target.id)) {
      report('POLICY_DUPLICATE_TARGET', `${pointer}/id`, {
        message: `Two targets are called ${target.id}.`,
        expected: 'every id once',
        found: `${target.id} again`,
      });
    }
    seen.add(target.id);
    return compileTarget(target, pointer, report);
  });
}

function compileTarget(target: WrittenTarget, pointer: string, report: Report): Target {
  const { family, use, model: shortModel } = providerOf(target.provider);
  if (use !== 'chat') {
    report('POLICY_UNSUPPORTED_VALUE', `${pointer}/provider`, {
      message: `Shorthands other than ${family}:chat:<model> are known, but not supported.`,
      expected: `${family}:chat:<model>`,
      found: `${family}:${use}:…`,
    });
  }
  const speech = speechOf(target, family, pointer, report);
  const secret = target.secret_key_ref;
  return {
    id: target.id,
    family,
    format: speech.format,
    apiVersion: speech.apiVersion,
    model: modelOf(target, shortModel, pointer, report),
    baseUrl: endpointOf(target.base_url ?? speech.baseUrl, {
      pointer: `${pointer}/base_url`,
      owner: 'The provider',
      report,
    }).replace(/\/v1$/, ''),
    secret:
      secret?.env !== undefined
        ? { kind: 'env', name: secret.env }
        : secret?.store !== undefined
          ? { kind: 'store', name: secret.store }
          : null,
    apiKeyHeader: (target.api_key_header ?? speech.apiKeyHeader).toLowerCase(),
    apiKeyPrefix: target.api_key_prefix ?? speech.apiKeyPrefix,
    dataPolicy: dataPolicyOf(target, pointer, report),
    headers: fixedHeaders(
      target.headers,
      { pointer: `${pointer}/headers`, owner: `Target ${target.id}`, report },
      target.api_key_header ?? 'authorization',
    ),
    idleTimeoutMs: {
      answer: millis(target.timeout_seconds),
      stream: millis(target.stream_timeout_seconds ?? target.timeout_seconds),
    },
    weight: target.weight ?? 1,
    regions: target.data_residency?.regions ?? (target.region === undefined ? [] : [target.region]),
    excludedBy: null,
  };
}

const millis = (seconds: number | undefined): number | null => (seconds === undefined ? null : seconds * 1000);

function modelOf(target: WrittenTarget, short: string | undefined, pointer: string, report: Report): string {
  const model = target.model ?? short;
  if (model === undefined || (short !== undefined && target.model !== undefined && short !== target.model)) {
    report('POLICY_TARGET_MODEL', pointer, {
      message: model === undefined ? `Target ${target.id} names no model.` : `Target ${target.id} names two models.`,
      expected: 'one model',
      found: model === undefined ? 'none' : `${short} and ${target.model}`,
    });
  }
  return model ?? '';
}

function dataPolicyOf(target: WrittenTarget, pointer: string, report: Report): DataPolicy | null {
  const declared = target.data_policy;
  const zero = declared?.zero_data_retention ?? target.zdr;
  const contradictions = [
    target.zdr !== undefined &&
    declared?.zero_data_retention !== undefined &&
    target.zdr !== declared.zero_data_retention
      ? `zdr: ${target.zdr} and zero_data_retention: ${declared.zero_data_retention}`
      : '',
    zero === true && declared?.training_opt_out === false ? 'zero retention and training_opt_out: false' : '',
    zero === true && (declared?.retention_days ?? 0) > 0
      ? `zero retention and retention_days: ${declared?.retention_days}`
      : '',
  ].filter((text) => text !== '');
  for (const found of contradictions) {
    report('POLICY_ZDR_CONTRADICTION', `${pointer}${declared === undefined ? '' : '/data_policy'}`, {
      message: `Target ${target.id} contradicts itself about data retention.`,
      expected: 'one statement',
      found,
    });
  }
  if (declared === undefined && target.zdr === undefined) return null;
  return {
    zeroDataRetention: zero ?? false,
    trainingOptOut: declared?.training_opt_out ?? false,
    retentionDays: declared?.retention_days ?? null,
  };
}
