import { pointerStep } from '../../model/index.ts';
import type { Report } from './kind.ts';

/** What the notes of kinds say about names of tools. */
export const NAMES_NOTE =
  'A tool that is no function of the caller counts in a request under its type (`web_search_preview`, `mcp`, `namespace`) and under every name and label that it carries, with the tools inside it and those that a message or an item of the input has: labels are what the caller chooses, so all of them must be allowed. `mcp_servers` (and the name of each), `web_search_options`, `search_parameters`, `enable_search` and `web_search` at the root (but for `false`), `plugins` (and the `id` of each) and `container.skills` (and each `skill_id`) count under these words. In an answer a tool that the provider runs counts under the name that the answer gives, or the type of the item without `_call` (`web_search`), so list both. A call of an answer with two names or none is refused (`call_unreadable`). What a stored prompt (`prompt.id`) offers is kept by the provider and not seen.';

const GLOB = /[*?[\]{}]/;

/** The name of a tool and where it stands, relative to the document. */
interface NamePlace {
  readonly name: string;
  readonly pointer: string;
  readonly at: 'key' | 'value';
}

/** The places of a list of names at `pointer`. */
export const itemsOf = (names: readonly string[], pointer: string): readonly NamePlace[] =>
  names.map((name, index) => ({ name, pointer: `${pointer}/${index}`, at: 'value' }));

/** The places of the keys of an object at `pointer`. */
export const keysOf = (names: Iterable<string>, pointer: string): readonly NamePlace[] =>
  [...names].map((name) => ({ name, pointer: `${pointer}/${pointerStep(name)}`, at: 'key' }));

/** Reports each name that looks like a pattern: names are compared as they are, so it would match nothing. */
export function reportPatterns(places: readonly NamePlace[], report: Report): void {
  for (const { name, pointer, at } of places) {
    if (!GLOB.test(name)) continue;
    report('POLICY_TOOL_PATTERN', pointer, {
      message: 'A tool is named by a pattern.',
      expected: 'the exact name of one tool',
      found: name,
      at,
    });
  }
}
