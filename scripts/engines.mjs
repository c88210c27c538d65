// Whether a Node.js is within `engines` of package.json. Plain JavaScript for any Node, because it is asked before one is
// chosen: by the scripts of package.json, and first of all by the built programs, which carry a copy of its text.

const numbersOf = (version) => version.replace(/^v/, '').split('.').map(Number);

const atLeast = (version, wanted) => {
  const [have, want] = [numbersOf(version), numbersOf(wanted)];
  for (const [index, number] of want.entries()) {
    if (have[index] !== number) return have[index] > number;
  }
  return true;
};

/** Is this version within `engines`? It knows `^a.b.c`, `>=a.b` and `||`, which is all that package.json uses. */
export const isSupported = (version, engines) =>
  engines.split('||').some((part) => {
    const [, operator, wanted] = /^(\^|>=)([\d.]+)$/.exec(part.trim()) ?? [];
    if (operator === undefined) throw new Error(`Expected ^x.y.z or >=x.y in engines, found "${part.trim()}".`);
    return atLeast(version, wanted) && (operator === '>=' || numbersOf(version)[0] === numbersOf(wanted)[0]);
  });

/** What a built program does before anything else: on a Node.js that it does not run on it says so and ends with 69. */
export const guardText = (engines) => `{
  const numbersOf = ${numbersOf};
  const atLeast = ${atLeast};
  const isSupported = ${isSupported};
  if (!isSupported(process.version, ${JSON.stringify(engines)})) {
    process.stderr.write(\`Expected Node.js ${engines}, found \${process.version}. Install such a Node.js; in a folder where npm installed tenantry, npx runs it on the Node.js that came with it.\\n\`);
    process.exit(69);
  }
}
`;
