import { relative } from 'node:path';
import ts from 'typescript';
import type { Check } from './check.ts';

const CONFIG = 'tsconfig.core.json';

const readConfig = (): ts.ParsedCommandLine => {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  };
  const parsed = ts.getParsedCommandLineOfConfigFile(CONFIG, {}, host);
  if (parsed === undefined)
    throw new Error(`Expected a readable ${CONFIG}, found none: run this from the repository's root.`);
  return parsed;
};

const describe = (diagnostic: ts.Diagnostic): string => {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  if (diagnostic.file === undefined || diagnostic.start === undefined) return message;
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  return `${relative('.', diagnostic.file.fileName)}:${line + 1}:${character + 1} ${message}`;
};

/**
 * The second compile: without Node, without the DOM, with one declaration file for TextEncoder and TextDecoder.
 * @param files what to compile instead of core itself (planted offenders)
 * @returns one line per thing that core cannot see
 */
export const impurities = (files?: readonly string[]): readonly string[] => {
  const config = readConfig();
  const rootNames = files === undefined ? config.fileNames : [...files, 'src/core/pure.d.ts'];
  const program = ts.createProgram({ rootNames, options: config.options });
  return ts.getPreEmitDiagnostics(program).map(describe);
};

/** Purity of src/core and gateway/core; lint refuses Date, Math.random, Intl and localeCompare beside it. */
export const purity: Check = {
  name: 'purity of core',
  run: async () => {
    const found = impurities();
    const help = 'core has no Node, no DOM, no globals beyond ECMAScript: take what you need as an argument.';
    return { ok: found.length === 0, output: [...found, help].join('\n') };
  },
};
