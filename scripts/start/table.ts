/** One line of the closing table. */
export interface Row {
  readonly gateway: string;
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export function row(gateway: string, what: string, expected: string, got: string): Row {
  return { gateway, what, expected, got: got.trim() };
}

/** Prints the table; true when every row got what was expected. */
export function printTable(rows: readonly Row[]): boolean {
  const cells = rows.map((item) => [
    item.expected === item.got ? 'ok' : 'FAIL',
    item.gateway,
    item.what,
    item.expected,
    item.got,
  ]);
  const header = ['', 'GATEWAY', 'WHAT', 'EXPECTED', 'GOT'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => (line[column] ?? '').length)),
  );
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, column) => part.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  process.stdout.write(`\n${[header, ...cells].map(line).join('\n')}\n\n`);
  const failed = rows.filter((item) => item.expected !== item.got).length;
  process.stdout.write(`${rows.length - failed} of ${rows.length} as expected\n`);
  return failed === 0;
}
