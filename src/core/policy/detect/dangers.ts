import { isPlain, plainForm } from './decode.ts';
import { hasInnerUrl } from './hosts.ts';

// What arguments of tools hold when somebody means harm, by shape. Gaps are bounded, so no text makes a pattern slow.

export type Danger = 'path_traversal' | 'ssrf' | 'command_injection' | 'injection';

const GAP = '[ \\t\\n]{0,8}';

const TRAVERSAL =
  /(?:^|[\\/"'=\s])\.\.(?:[\\/]|$)|[\\/]\.\.$|\0|\/etc\/(?:passwd|shadow|sudoers|hosts\b)|\/proc\/(?:self|\d{1,7})\/|\.ssh\/|\/\.aws\/credentials|[a-z]:\\windows\\/;

// After something that ends a command: a program that needs no argument to do harm, or any other with an option or a path.
const SEPARATOR = `(?:;|&&|\\|{1,2}|&|\`|\\$\\(|\\n)${GAP}`;
const PROGRAM =
  '(?:curl|wget|bash|zsh|powershell|pwsh|cmd\\.exe|chmod|chown|sudo|whoami|ncat|netcat|mkfs|printenv|nslookup|crontab)\\b';
const COMMON =
  '(?:rm|cat|nc|sh|env|id|dd|ls|cp|mv|tee|dig|kill|ping|node|perl|php|ruby|python3?|scp|ssh|tar|base64|eval|exec|touch|echo)[ \\t]{1,8}[-~/.$"\'|>`]';
const SUBSTITUTION = `(?:\`|\\$\\()${GAP}(?:id|ls|env|pwd|uname|hostname|cat)\\b`;
const COMMAND = new RegExp(
  `${SEPARATOR}(?:${PROGRAM}|${COMMON})|${SUBSTITUTION}|\\|${GAP}(?:sh|bash|zsh)\\b|\\brm -[a-z]{0,4}[rf][a-z]{0,4} [~/*.]|/dev/tcp/|\\$\\{ifs\\}`,
);

const VALUE = '[\'"]?[\\w.]{1,30}[\'"]?';
const INJECTION = new RegExp(
  [
    `['")]${GAP}(?:or|and|\\|\\||&&)[ \\t\\n]{1,8}(?:not )?${VALUE}${GAP}(?:=|<|>|like\\b|is\\b)${GAP}${VALUE}`,
    `\\bunion[ \\t\\n]{1,8}(?:all[ \\t\\n]{1,8})?select\\b`,
    `;${GAP}(?:drop|truncate|alter|create)[ \\t\\n]{1,8}(?:table|database|schema|user|index|view)\\b`,
    `;${GAP}(?:delete[ \\t\\n]{1,8}from|insert[ \\t\\n]{1,8}into|update[ \\t\\n]{1,8}\\w{1,60}[ \\t\\n]{1,8}set|exec(?:ute)?)\\b`,
    `['"]${GAP}(?:--|#|/\\*)`,
    '\\bxp_cmdshell\\b|\\b(?:pg_sleep|sleep|benchmark|load_file|extractvalue)\\(|\\bwaitfor[ \\t]{1,8}delay\\b|\\binto[ \\t]{1,8}(?:out|dump)file\\b',
    // What other readers run: log4j, templates, browsers, document stores.
    '\\$\\{(?:jndi|env|sys|lower|upper):|<script\\b|\\bjavascript:|\\bonerror[ \\t]{0,4}=|__proto__|\\{\\{[^{}]{0,80}(?:__|constructor|config|self\\.|request\\.)|"?\\$(?:where|function)"?[ \\t]{0,4}:',
  ].join('|'),
);

const METADATA = /169\.254\.169\.254|metadata\.google\.internal|fd00:ec2::254|100\.100\.100\.200/;

/** The first danger that a text of a call holds, as it stands, percent-decoded (twice) or with look-alike characters folded. */
export function dangerIn(text: string): Danger | null {
  const found = dangerOf(text);
  if (found !== null) return found;
  let form = text;
  for (let round = 0; round < 2; round++) {
    const decoded = percentDecoded(form);
    if (decoded === form) break;
    form = decoded;
    const hidden = dangerOf(form);
    if (hidden !== null) return hidden;
  }
  return isPlain(form) ? null : dangerOf(plainForm(form));
}

function dangerOf(text: string): Danger | null {
  const lower = text.toLowerCase();
  if (TRAVERSAL.test(lower)) return 'path_traversal';
  if (METADATA.test(lower) || hasInnerUrl(lower)) return 'ssrf';
  if (COMMAND.test(lower)) return 'command_injection';
  return INJECTION.test(lower) ? 'injection' : null;
}

/** Percent-encoded ASCII as the characters themselves. */
const percentDecoded = (text: string): string =>
  text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
