import {
  type Decoder,
  fitted,
  flag,
  integer,
  list,
  nullable,
  record,
  text as textOf,
} from '../../core/bundle/index.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../core/model/index.ts';
import { type EvidencePack, PACK_FILES } from '../../core/report/index.ts';
import type { ReadFolder } from '../../ports/index.ts';

const PACK_BYTES = 1 << 29;

/** What of a pack is compared with the other files. */
export interface PackFacts extends Pick<EvidencePack, 'org' | 'orgUid' | 'period'> {
  readonly isWhole: boolean;
  /** How many entries the history has, and how many of them stand there without their words. */
  readonly entries: number;
  readonly withheld: number;
  readonly copied: readonly CopiedLines[];
}

type CopiedLines = EvidencePack['integrity']['copied'][number];

const ANY_TEXT = textOf<never>(/^/, 'a text');
const COUNT = integer(0, Number.MAX_SAFE_INTEGER);

const PACK_FACTS: Decoder<PackFacts> = record<PackFacts>({
  ...{ org: ANY_TEXT, orgUid: ANY_TEXT, isWhole: flag, entries: COUNT, withheld: COUNT },
  period: record<PackFacts['period']>({ from: nullable(ANY_TEXT), to: ANY_TEXT }),
  copied: list(record<CopiedLines>({ gateway: ANY_TEXT, journal: COUNT, from: COUNT, through: COUNT }), 1_000_000),
});

/** Undefined where pack.json is none: whoever has a key of the org signs what he likes. */
export async function packIn(folder: ReadFolder): Promise<PackFacts | undefined> {
  const pack = parsed((await folder.bytes(PACK_FILES.pack, PACK_BYTES)) ?? new Uint8Array());
  if (pack['schema'] !== 'tenantry/evidence-pack/v1') return undefined;
  const { org = null, orgUid: uid = null, period = null } = pack;
  const { ok = null, history, copied = null } = mapOf(pack['integrity']);
  const { entries = null, withheld = null } = mapOf(history);
  const facts = fitted(PACK_FACTS, { org, orgUid: uid, period, isWhole: ok, entries, withheld, copied });
  return facts.ok ? facts.value : undefined;
}

function mapOf(value: Json | undefined): { readonly [field: string]: Json | undefined } {
  return isJsonObject(value) ? value : {};
}

/** The fields of a map in JSON; none of what is something else, or no JSON. */
export function parsed(text: Uint8Array | string): Partial<JsonObject> {
  try {
    return mapOf(parseJson(typeof text === 'string' ? text : new TextDecoder().decode(text)));
  } catch {
    return {};
  }
}
