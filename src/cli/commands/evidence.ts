import { join, relative, resolve } from 'node:path';
import { instantText, type OrgSlug, withUnseen } from '../../core/model/index.ts';
import { brokenWords, counted, PACK_FILES } from '../../core/report/index.ts';
import { type MadePack, makePack, type PackVerdict, verifyPack } from '../../flows/index.ts';
import type { NewFolder } from '../../ports/index.ts';
import { wireCheckCache, wireHost, wireNewFolder, wireReadFolder, wireThreads, wireVersion } from '../../wire.ts';
import { answerWith, optionsText, slugOf, spanOf, table } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { openState } from '../state.ts';
import { CommandError, EXIT, type ExitCode } from '../terminal.ts';

/** `tenantry evidence <org>`: a signed folder of what happened in an org; with --verify, whether a folder is one. */
export const evidence: CommandSpec['run'] = async (context, [name = ''], flags) => {
  const org = slugOf(name);
  const { verify } = flags;
  if (verify === undefined) return make(context, org, flags);
  const others = ['from', 'to', 'out'].filter((flag) => flags[flag] !== undefined);
  if (others.length > 0)
    throw new CommandError(EXIT.usage, 'USAGE', `expected --verify alone, found ${optionsText(others)} beside it`);
  return judge(context, org, resolve(String(verify)));
};

async function make(context: CommandContext, org: OrgSlug, flags: Flags): Promise<ExitCode> {
  const { fromMs, toMs } = spanOf(flags);
  const opened = await openState(context);
  try {
    const { store, runtime, publisher, signer } = opened.state;
    const nowMs = opened.clock.nowMs();
    // What has not been cannot be told, so that a period which is not over ends now: with the last whole second, as it is written.
    const span = { fromMs, toMs: Math.min(toMs, Math.floor(nowMs / 1000) * 1000) };
    if (fromMs >= span.toMs)
      throw new CommandError(EXIT.usage, 'USAGE', `expected --from to be past, found ${String(flags['from'])}`);
    const path = resolve(String(flags['out'] ?? folderFor(context.dir, org, span)));
    const folder = await wireNewFolder(path);
    if (folder === undefined) throw occupied(path);
    for (const part of await folder.begun())
      context.terminal.log.warn(`${part} was begun and not ended; remove it, unless a run that makes it is under way`);
    const cache = await wireCheckCache(opened.dir);
    const parts = {
      ...opened,
      ...{ fleet: opened.settings.metadata.name, priceBook: opened.settings.spec.prices ?? null },
      ...{ program: `tenantry ${wireVersion()}`, store, runtime, publisher, signer },
      ...{ cache, threads: await wireThreads(), log: context.terminal.log },
    };
    const made = await wholeOrNothing(folder, async () => {
      const done = await makePack(parts, { org, ...span }, folder);
      if (!done.ok) throw new CommandError(EXIT.refused, done.code, done.message);
      if (!(await folder.keep())) throw occupied(path);
      return done.value;
    });
    return sayMade(context, path, made);
  } finally {
    opened.state.close();
  }
}

function occupied(path: string): CommandError {
  return new CommandError(EXIT.refused, 'EVIDENCE_PACK_EXISTS', `expected nothing at ${path}, found something`);
}

/** Leaves nothing of a folder that was not kept, also where somebody stops the program. */
async function wholeOrNothing<T>(folder: Pick<NewFolder, 'drop'>, work: () => Promise<T>): Promise<T> {
  const stop = (signal: NodeJS.Signals): void => {
    folder.drop();
    process.kill(process.pid, signal);
  };
  for (const signal of STOPS) process.once(signal, stop);
  try {
    return await work();
  } finally {
    folder.drop();
    for (const signal of STOPS) process.off(signal, stop);
  }
}

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Below the folder that no commit has, by org and period. */
function folderFor(dir: string, org: OrgSlug, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const day = (ms: number): string => instantText(ms).replace('T00:00:00Z', '').replaceAll(':', '');
  return join(dir, '.tenantry/evidence', org, `${fromMs === 0 ? 'beginning' : day(fromMs)}_${day(toMs)}`);
}

function sayMade(context: CommandContext, path: string, { pack, files }: MadePack): ExitCode {
  const { org, orgUid, period, integrity, enforcement } = pack;
  const { keyId, rootVersion } = integrity.signedBy;
  const said = { folder: path, ok: integrity.ok, faults: integrity.events.faults, keyId, rootVersion, files };
  answerWith(context, { schema: 'tenantry/evidence/v1', org, orgUid, ...period, ...said }, () => {
    const rows = files.map(({ name, length }) => [name, String(length)]);
    const shown = relative(process.cwd(), path);
    return [
      table(context, ['FILE', 'BYTES'], rows),
      '',
      `Evidence of ${org}, ${period.from ?? 'from the beginning'} to ${period.to}: ${counted(enforcement.requests, 'request')}.`,
      integrity.ok
        ? 'Journals, ledger and history are whole.'
        : `NOT WHOLE: ${brokenWords(integrity).join('; ')}; the pack says so. See \`tenantry events verify --org ${org}\` and \`tenantry history --org ${org}\`.`,
      `Signed with the targets key ${keyId.slice(0, 16)} of root ${rootVersion}, in ${shown.startsWith('..') ? path : shown}; ${PACK_FILES.page} is for people.`,
    ].join('\n');
  });
  return integrity.ok ? EXIT.ok : EXIT.refused;
}

async function judge(context: CommandContext, org: OrgSlug, path: string): Promise<ExitCode> {
  const { hash } = await wireHost();
  const verdict = await verifyPack({ folder: await wireReadFolder(path), hash }, org);
  if (!verdict.ok) throw new CommandError(EXIT.refused, verdict.code, verdict.message);
  const { faults, isWhole, ...said } = verdict.value;
  const ok = faults.length === 0 && isWhole;
  answerWith(context, { schema: 'tenantry/evidence-verify/v1', ok, ...said, faults, isWhole }, () =>
    wordsOf(verdict.value),
  );
  return ok ? EXIT.ok : EXIT.refused;
}

function wordsOf(verdict: PackVerdict): string {
  const { org, orgUid, from, to, signer, files, lines, entries, withheld, faults, isWhole } = verdict;
  const { keyId, rootVersion, firstRoot } = signer;
  return [
    `Evidence of ${org} (${orgUid}), ${from ?? 'from the beginning'} to ${to}: ${counted(files, 'file')} as they were signed.`,
    `${counted(lines, 'line')} of journals and ${lines === 0 && entries === 0 ? 'no entries' : `${entries} entries`} of the history follow one another${faults.length === 0 ? '' : ', but for what is listed here'}.`,
    ...(withheld === 0
      ? []
      : [
          `${withheld} of the entries are without their words, which name somebody else: for these the signature alone speaks.`,
        ]),
    ...faults.map(withUnseen),
    ...(isWhole ? [] : ['When it was made, the evidence was not whole: pack.json lists what was missing or changed.']),
    `Signed with ${keyId}, which root ${rootVersion} names. That is the org's key if its first root has the SHA-256`,
    `  ${firstRoot.sha256}`,
    'which its gateways have pinned, and `tenantry keys show` leads back to.',
  ].join('\n');
}
