import { isJsonObject, type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';
import { channelOf, type StreamScanner } from '../../../src/core/policy/index.ts';
import { refusalBody } from '../refusal.ts';
import { meterMessages } from './meters.ts';
import {
  countersOf,
  createScan,
  type EnvelopeKeys,
  envelopeOf,
  eventOf,
  FAILED,
  frameOf,
  guarded,
  indexOf,
  nameOf,
  OPEN,
  type Outgoing,
  passedWhole,
  type Scan,
  type ShapeStream,
  saysFailure,
  sealedOf,
  typeOf,
  unreadable,
  wordOf,
} from './stream.ts';

// A streamed message of Anthropic: blocks of text, thinking and calls of tools, each with a start, deltas and a stop, and results of
// tools that the provider ran, which come whole with their start.

const STOP = frameOf('{"type":"message_stop"}', 'message_stop');

/** `scanner` null: no policy looks at the answer. */
export function createMessagesStream(scanner: StreamScanner | null): ShapeStream {
  const meter = meterMessages();
  const scanned = scanner === null ? null : createScannedMessages(createScan(scanner));
  return {
    ...meter,
    last: () => STOP,
    error: (refusal) => frameOf(refusalBody(refusal, 'anthropic'), 'error'),
    push(data) {
      const event = eventOf(data);
      if (event !== undefined) meter.read(event);
      if (saysFailure(event ?? { type: typeOf(data) })) return FAILED;
      if (scanned !== null) return event === undefined ? guarded(unreadable) : scanned(event);
      const type = typeOf(data);
      if (type === 'message_stop') return { ...OPEN, state: 'done' };
      return { ...OPEN, frames: [frameOf(data, type)] };
    },
    end: () => FAILED,
  };
}

/** A block that has begun and not stopped. */
interface Block {
  readonly index: number;
  /** Where its text goes through the policies. */
  readonly channel: string;
  /** A delta with a piece of it. */
  readonly delta: (text: string) => JsonObject;
  /** A call, whose name is judged with its arguments. */
  readonly call: { readonly id: string; readonly name: string } | null;
  /** The start that waits for the judgement; null when it went out. */
  held: JsonObject | null;
  /** Texts of it that came whole. */
  wholes: number;
}

function createScannedMessages(scan: Scan): (event: JsonObject) => Outgoing {
  const blocks = new Map<number, Block>();
  let lastIndex = -1;
  const send = (frames: string[], event: JsonObject): void => {
    frames.push(frameOf(writeJson(event), String(event['type'])));
  };
  const sendText = (frames: string[], { index, delta }: Block, text: string): void => {
    if (text !== '') send(frames, { type: 'content_block_delta', index, delta: delta(text) });
  };
  const stop = (frames: string[], block: Block): void => {
    blocks.delete(block.index);
    const rest = scan.end(block.channel, block.call ?? undefined);
    if (block.held !== null) send(frames, block.held);
    sendText(frames, block, rest);
    send(frames, { type: 'content_block_stop', index: block.index });
  };
  const stopAll = (frames: string[]): void => {
    for (const block of [...blocks.values()]) stop(frames, block);
  };
  const blockAt = (event: JsonObject): Block => blocks.get(indexOf(event['index'])) ?? unreadable();
  const handlers: { readonly [type: string]: (event: JsonObject, frames: string[]) => void } = {
    message_start: (event, frames) => {
      send(frames, { type: 'message_start', message: startOf(event['message']) });
    },
    content_block_start: (event, frames) => {
      const { block, start, text } = openBlock(event, scan);
      // One that is opened again would be read from its beginning, without what went out of it before.
      if (block.index <= lastIndex) unreadable();
      lastIndex = block.index;
      blocks.set(block.index, block);
      if (block.held === null) send(frames, start);
      if (block.call !== null) scan.push(block.channel, '');
      if (text !== '') sendText(frames, block, scan.push(block.channel, text));
    },
    content_block_delta: (event, frames) => {
      const block = blockAt(event);
      const delta = isJsonObject(event['delta'] ?? null) ? (event['delta'] as JsonObject) : unreadable();
      const sealed = sealedDelta(scan, block, delta);
      if (sealed !== null) send(frames, { type: 'content_block_delta', index: block.index, delta: sealed });
      else sendText(frames, block, scan.push(block.channel, textOf(delta)));
    },
    content_block_stop: (event, frames) => stop(frames, blockAt(event)),
    message_delta: (event, frames) => {
      stopAll(frames);
      const delta = endOf(scan, event['delta']);
      send(frames, { type: 'message_delta', delta, usage: countersOf(event['usage']), ...clearedIn(event) });
    },
    message_stop: (_event, frames) => stopAll(frames),
    ping: (_event, frames) => {
      send(frames, { type: 'ping' });
    },
  };
  return (event) =>
    guarded((frames) => {
      const type = String(event['type']);
      const handle = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
      (handle ?? unreadable)(event, frames);
      return type === 'message_stop' ? 'done' : 'open';
    });
}

function startOf(value: Json | undefined): JsonObject {
  if (value === undefined || !isJsonObject(value)) return unreadable();
  const { content = [] } = value;
  if (!Array.isArray(content) || content.length > 0) unreadable();
  return {
    id: nameOf(value['id']),
    type: 'message',
    role: 'assistant',
    model: nameOf(value['model']),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: countersOf(value['usage']),
  };
}

function endOf(scan: Scan, value: Json | undefined): JsonObject {
  const delta = value !== undefined && isJsonObject(value) ? value : {};
  const { stop_sequence: sequence, stop_details: details = null, container = null } = delta;
  return {
    stop_reason: wordOf(delta['stop_reason']),
    stop_sequence: typeof sequence === 'string' ? scan.whole('0/stop', sequence) : null,
    ...(details === null ? {} : passedWhole(scan, '0/stop-details', { stop_details: details })),
    ...(isJsonObject(container) ? { container: containerOf(container) } : {}),
  };
}

/** What the provider left out of the conversation: by its name, and how much. */
function clearedIn({ context_management: managed = null }: JsonObject): JsonObject {
  const { applied_edits: edits } = isJsonObject(managed) ? managed : {};
  if (!Array.isArray(edits)) return {};
  const applied_edits = (edits as readonly Json[]).filter(isJsonObject).map((edit) => envelopeOf(edit, EDIT));
  return { context_management: { applied_edits } };
}

const EDIT: EnvelopeKeys = {
  ids: ['type'],
  words: [],
  numbers: ['cleared_input_tokens', 'cleared_tool_uses', 'cleared_thinking_turns'],
};

/** Where tools of the provider ran, which the next request names: ids and names. */
function containerOf({ id, expires_at: expires, skills }: JsonObject): JsonObject {
  const listed = Array.isArray(skills) ? (skills as readonly Json[]).filter(isJsonObject) : null;
  return {
    id: nameOf(id),
    ...(expires === undefined ? {} : { expires_at: nameOf(expires) }),
    skills: listed?.map((skill) => envelopeOf(skill, SKILL)) ?? null,
  };
}

const SKILL: EnvelopeKeys = { ids: ['skill_id', 'version'], words: ['type'], numbers: [] };

interface Opened {
  readonly block: Block;
  readonly start: JsonObject;
  /** What the start brought already. */
  readonly text: string;
}

/** A block by the event of its start, which goes out without any text that has passed no policy. */
function openBlock(event: JsonObject, scan: Scan): Opened {
  const index = indexOf(event['index']);
  const given = isJsonObject(event['content_block'] ?? null) ? (event['content_block'] as JsonObject) : unreadable();
  const begin = (block: Pick<Block, 'channel' | 'delta' | 'call'>, empty: JsonObject, text: string): Opened => {
    const start = { type: 'content_block_start', index, content_block: empty };
    const held = block.call !== null && scan.judgesCalls ? start : null;
    return { block: { ...block, index, held, wholes: 0 }, start, text };
  };
  /** A block of which no piece of text comes. */
  const sealed = (field: string): Pick<Block, 'channel' | 'delta' | 'call'> => ({
    channel: channelOf(index, field),
    delta: unreadable,
    call: null,
  });
  switch (given['type']) {
    case 'text': {
      const delta = (text: string): JsonObject => ({ type: 'text_delta', text });
      const block = { channel: channelOf(index, 'content'), delta, call: null };
      return begin(block, { type: 'text', text: '' }, textIn(given['text']));
    }
    case 'thinking': {
      const delta = (thinking: string): JsonObject => ({ type: 'thinking_delta', thinking });
      const block = { channel: channelOf(index, 'reasoning'), delta, call: null };
      return begin(block, { type: 'thinking', thinking: '', signature: '' }, textIn(given['thinking']));
    }
    case 'redacted_thinking':
      return begin(sealed('sealed'), { type: 'redacted_thinking', data: sealedOf(given['data']) }, '');
    case 'container_upload':
      return begin(sealed('upload'), { type: 'container_upload', file_id: nameOf(given['file_id']) }, '');
    case 'compaction':
      return begin(sealed('compaction'), compactionOf(given), '');
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use': {
      const call = { id: nameOf(given['id']), name: nameOf(given['name']) };
      const delta = (partial_json: string): JsonObject => ({ type: 'input_json_delta', partial_json });
      const input = isJsonObject(given['input'] ?? null) ? (given['input'] as JsonObject) : {};
      const text = Object.keys(input).length === 0 ? '' : writeJson(input);
      return begin(
        { channel: channelOf(index, 'arguments'), delta, call },
        { type: given['type'], ...call, ...originOf(given), input: {} },
        text,
      );
    }
    default:
      if (!RESULT.test(String(given['type']))) unreadable();
      return begin(sealed('result'), resultOf(scan, index, given), '');
  }
}

/** Where a call comes from, and whose tool it calls: ids and names. */
function originOf({ server_name: server, toolset_name: toolset = null, caller }: JsonObject): JsonObject {
  const { type, tool_id: tool } = caller !== undefined && isJsonObject(caller) ? caller : {};
  const from = {
    ...(type === undefined ? {} : { type: nameOf(type) }),
    ...(tool === undefined ? {} : { tool_id: nameOf(tool) }),
  };
  return {
    ...(server === undefined ? {} : { server_name: nameOf(server) }),
    ...(toolset === null ? {} : { toolset_name: nameOf(toolset) }),
    ...(type === undefined ? {} : { caller: from }),
  };
}

/** What a tool gave back that the provider ran. */
const RESULT = /^[a-z_]{1,60}_tool_result$/;

/** A result with its texts let through the policies, those that are read in a whole answer. */
function resultOf(scan: Scan, index: number, given: JsonObject): JsonObject {
  const { content } = passedWhole(scan, `${index}/result`, { content: [given] });
  const [result = null] = content as readonly Json[];
  return isJsonObject(result) ? result : unreadable();
}

function textIn(value: Json | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : unreadable();
}

const TEXTS: { readonly [type: string]: string } = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
};

function textOf(delta: JsonObject): string {
  const type = String(delta['type']);
  return textIn(Object.hasOwn(TEXTS, type) ? (delta[TEXTS[type] ?? ''] ?? unreadable()) : unreadable());
}

/** A delta that is no piece of the block's text: a signature, a summary or a citation whose texts came whole; else null. */
function sealedDelta(scan: Scan, block: Block, delta: JsonObject): JsonObject | null {
  if (delta['type'] === 'signature_delta') return { type: 'signature_delta', signature: sealedOf(delta['signature']) };
  if (delta['type'] === 'compaction_delta') return summaryOf(scan, block, delta);
  if (delta['type'] !== 'citations_delta') return null;
  const given = isJsonObject(delta['citation'] ?? null) ? (delta['citation'] as JsonObject) : unreadable();
  const citation: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === 'number' || value === null) citation[key] = value;
    else if (key === 'type') citation[key] = wordOf(value);
    else if (key === 'encrypted_index') citation[key] = sealedOf(value);
    else if (typeof value === 'string') {
      block.wholes += 1;
      citation[key] = scan.whole(`${block.index}/citation/${block.wholes}`, value);
    } else unreadable();
  }
  return { type: 'citations_delta', citation };
}

/** The start of a summary, before it says anything; what it carries for the provider alone is encoded. */
function compactionOf(given: JsonObject): JsonObject {
  const { content = null, tool_changes: tools = null } = given;
  if (content !== null || tools !== null) unreadable();
  const carried = (['encrypted_content', 'signature'] as const).filter((key) => typeof given[key] === 'string');
  return { type: 'compaction', content, ...Object.fromEntries(carried.map((key) => [key, sealedOf(given[key])])) };
}

/** All that a conversation was summed up to, which comes at once; null where that failed. */
function summaryOf(scan: Scan, block: Block, { content = null, encrypted_content: sealed }: JsonObject): JsonObject {
  block.wholes += 1;
  return {
    type: 'compaction_delta',
    content: content === null ? null : scan.whole(`${block.index}/compaction/${block.wholes}`, textIn(content)),
    ...(sealed === undefined ? {} : { encrypted_content: sealed === null ? null : sealedOf(sealed) }),
  };
}
