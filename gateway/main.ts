import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { finished } from 'node:stream';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { codeEntry, type Network, parseNetwork } from '../src/core/model/index.ts';
import { keepOutOfDumps, nodeClock, nodeHash, nodeRandom, nodeZoneOffset } from '../src/host/index.ts';
import {
  createLog,
  enrol,
  GatewayFailure,
  type Host,
  type ListenOptions,
  OTLP_HEADERS,
  otlpTarget,
  print,
  type Running,
  runManaged,
  runStandalone,
  simulatorOrigin,
  WRONG_CREDENTIALS_PER_MINUTE,
} from './io/index.ts';

interface RunFlags {
  readonly state?: string;
  readonly policyConfig?: string;
  readonly port?: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly simulator?: string;
  readonly pollSeconds: number;
  readonly drainSeconds: number;
  readonly untilStdinEnds?: boolean;
  readonly eventsFile?: string;
  readonly otlp?: string;
  readonly log: 'json' | 'plain';
  readonly logLevel: 'info' | 'warn';
  readonly secretsDir?: string;
  readonly secretsCommand?: string;
  readonly allowPrivate?: readonly string[];
  readonly trustedProxy?: readonly Network[];
  readonly wrongCredentials: number;
}

function makeHost({ log: form, logLevel: level }: RunFlags): Host {
  // Reading process.env is a system call each time, and it cannot change while we run.
  const variables = new Map(Object.entries(process.env));
  const write = (text: string): void => void process.stderr.write(text);
  return {
    hash: nodeHash,
    nowMs: nodeClock.nowMs,
    random() {
      const [a = 0, b = 0, c = 0, d = 0] = nodeRandom.bytes(4);
      return ((a * 256 + b) * 256 + c) / 2 ** 24 + d / 2 ** 32;
    },
    zoneOffset: nodeZoneOffset,
    environment: (name) => variables.get(name),
    log: createLog(form, { write, nowMs: nodeClock.nowMs, level }),
  };
}

function address(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):([0-9]{1,5})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected host:port, as in 127.0.0.1:41002.');
  return { host: match[1] ?? match[2] ?? '', port: portNumber(match[3] ?? '') };
}

function portNumber(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return port;
}

/** Collects host names and addresses, as a URL has them. */
function hosts(text: string, before: readonly string[]): readonly string[] {
  const address = isIP(text) === 6 ? `[${text}]` : text;
  if (!URL.canParse(`https://${address}`) || new URL(`https://${address}`).host !== address.toLowerCase()) {
    throw new InvalidArgumentError('Expected a host name or an address, without port.');
  }
  return [...before, text.toLowerCase()];
}

/** Collects networks of proxies. */
function networks(text: string, before: readonly Network[]): readonly Network[] {
  const network = parseNetwork(text);
  if (network === undefined) throw new InvalidArgumentError('Expected a network such as 192.0.2.0/24, or one address.');
  return [...before, network];
}

/** A folder that is mounted later would be one whose keys no request finds, without a word at the start. */
function folder(text: string): string {
  if (!statSync(text, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InvalidArgumentError('Expected a folder that is there and can be entered.');
  }
  return text;
}

function count(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number, at most 999999.');
  return Number(text);
}

function seconds(text: string): number {
  const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0)) throw new InvalidArgumentError('Expected whole seconds.');
  return value;
}

/** Who is told of decisions beside the webhooks of the document. */
function sinkFlags({ eventsFile, otlp }: RunFlags, host: Host): Pick<ListenOptions, 'sinks'> {
  if (eventsFile === undefined && otlp === undefined) return {};
  return {
    sinks: {
      ...(eventsFile === undefined ? {} : { eventsFile }),
      ...(otlp === undefined ? {} : { otlp: otlpTarget(otlp, host.environment(OTLP_HEADERS)) }),
    },
  };
}

async function run(flags: RunFlags, command: Command): Promise<void> {
  if ((flags.state === undefined) === (flags.policyConfig === undefined)) {
    const found = flags.state === undefined ? 'neither' : 'both';
    command.error(`error: expected exactly one of --state and --policy-config, found ${found}`);
  }
  keepOutOfDumps();
  const host = makeHost(flags);
  const listen = {
    host: flags.listen.host,
    port: flags.port ?? flags.listen.port,
    simulator: flags.simulator === undefined ? null : simulatorOrigin(flags.simulator),
    trustedProxies: flags.trustedProxy ?? [],
    wrongCredentials: flags.wrongCredentials,
    upstream: { privateHosts: flags.allowPrivate ?? [] },
    secrets: {
      ...(flags.secretsDir === undefined ? {} : { folder: flags.secretsDir }),
      ...(flags.secretsCommand === undefined ? {} : { command: flags.secretsCommand }),
    },
    ...sinkFlags(flags, host),
  };
  const running =
    flags.policyConfig === undefined
      ? await runManaged({ ...listen, stateDir: flags.state ?? '', pollSeconds: flags.pollSeconds }, host)
      : await runStandalone(flags.policyConfig, listen, host);
  const { url: listening, service, identity } = running;
  const facts = { listening, mode: service.mode, org: identity?.orgUid ?? null, gateway: identity?.gateway ?? null };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
  const stop = stopOnce(running, flags.drainSeconds * 1000, host);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  if (flags.untilStdinEnds === true) onStdinEnd(() => stop('end of standard input'));
}

/**
 * Whoever holds the other end has closed it, or is gone: the system closes what a killed process had open. A file, and what is
 * nothing (`</dev/null`), have an end and are never closed.
 */
function onStdinEnd(work: () => void): void {
  finished(process.stdin, { writable: false }, () => work());
  process.stdin.resume();
}

type Stop = NodeJS.Signals | 'end of standard input';

/** The first call drains and exits 0; a second signal ends the process at once, as it ends one that does not listen to it. */
function stopOnce(running: Running, drainMs: number, host: Host): (why: Stop) => void {
  let stopping = false;
  return (why) => {
    if (stopping) {
      if (why !== 'end of standard input') endBy(why);
      return;
    }
    stopping = true;
    host.log.info('stopping', { why });
    running.stop(drainMs).then(
      () => process.exit(0),
      (error: unknown) => {
        host.log.warn('the stop failed', { why: error instanceof Error ? error.message : String(error) });
        process.exit(70);
      },
    );
  };
}

/** Whoever sent the signal finds it in how the process ended, where a code of ours would speak of a bug. */
function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function program(): Command {
  const root = new Command('tenantry-gateway')
    .description('The runtime in front of AI traffic: verified policies, budgets and evidence.')
    .version(`${manifest.version} (Node.js ${process.version})`, '--version', 'the version of this program')
    .exitOverride()
    .configureOutput({
      // Help that nobody can have read is no success.
      writeOut: print,
      // With a code like every other refusal.
      outputError: (text, write) => write(text.replace(/^error: /, 'USAGE: ')),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('See `tenantry-gateway --help`.');
  addRun(root);
  addEnroll(root);
  return root;
}

/** What `--help` ends with, and what a wrong use is told. */
function withExample(command: Command, example: string): Command {
  return command
    .addHelpText('after', `\nExample:\n  ${example}`)
    .showHelpAfterError(`Example: ${example}\nSee \`tenantry-gateway ${command.name()} --help\`.`);
}

function addRun(root: Command): void {
  const command = root
    .command('run')
    .description('serve; managed with --state, or one policy file on loopback with --policy-config')
    .option('--state <dir>', 'state folder of an enrolled gateway')
    .option('--policy-config <file>', 'stand-alone policy document')
    .option('--port <n>', 'port on the listen address', portNumber)
    .addOption(
      new Option('--listen <host:port>', 'address to listen on, whatever the Gateway manifest says')
        .argParser(address)
        .default({ host: '127.0.0.1', port: 41_002 }, '127.0.0.1:41002'),
    )
    .option('--simulator <url>', 'loopback simulator that answers for targets whose key is not set')
    .option('--secrets-dir <dir>', 'folder in which the secret_key_ref `store: name` is the file <name>', folder)
    .addOption(
      new Option(
        '--secrets-command <program>',
        'program that gets the name of a `store` secret and writes the secret',
      ).conflicts('secretsDir'),
    )
    .addOption(
      new Option('--allow-private <host...>', 'hosts of base_url that may be at a private or loopback address')
        .argParser(hosts)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--trusted-proxy <cidr...>',
        'proxies in front of this gateway whose X-Forwarded-For says who the client is',
      )
        .argParser(networks)
        .default([], 'none'),
    )
    .option(
      '--wrong-credentials <n>',
      'how often a minute one address may be wrong before it hears 429; 0: without a bound',
      count,
      WRONG_CREDENTIALS_PER_MINUTE,
    )
    .option('--poll-seconds <n>', 'interval between polls, and length of a long poll', seconds, 30)
    .option('--drain-seconds <n>', 'how long running requests may take after a signal', seconds, 20)
    .option(
      '--until-stdin-ends',
      'stop when standard input ends, so as never to outlive the program that started this one',
    )
    .option('--events-file <file>', 'NDJSON file that gets every line of the evidence')
    .option('--otlp <url>', 'collector that gets traces by OTLP over HTTP, as in http://127.0.0.1:4318')
    .addOption(
      new Option('--log <form>', 'form of the log lines on stderr').choices(['json', 'plain']).default('plain'),
    )
    .addOption(new Option('--log-level <level>', 'the least that is logged').choices(['info', 'warn']).default('info'))
    .action(async (flags: RunFlags, self: Command) => run(flags, self));
  withExample(command, 'tenantry-gateway run --state /var/lib/tenantry --listen 127.0.0.1:41002');
}

function addEnroll(root: Command): void {
  const command = root
    .command('enroll')
    .description('use a one-time code, once per gateway')
    .addOption(
      new Option(
        '--code <code>',
        'from `tenantry gateway enroll <org>/<gateway>`; better in the environment than in sight',
      )
        .env('TENANTRY_ENROLMENT_CODE')
        .makeOptionMandatory(),
    )
    .requiredOption('--source <url>', 'address of the control plane')
    .requiredOption('--state <dir>', 'new state folder')
    .action(async (flags: { readonly code: string; readonly source: string; readonly state: string }) => {
      keepOutOfDumps();
      const identity = await enrol({ code: flags.code, source: flags.source, stateDir: flags.state });
      process.stdout.write(`enrolled ${identity.fleet} ${identity.orgUid} ${identity.gateway}\n`);
      process.stderr.write(`Next: tenantry-gateway run --state ${flags.state}\n`);
    });
  withExample(
    command,
    'tenantry-gateway enroll --code tne_… --source https://control.example --state /var/lib/tenantry',
  );
}

/** Says what went wrong and gives the exit code: 1 refused, 64 usage, 69 unavailable, 70 our fault. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof GatewayFailure) {
    const entry = codeEntry(error.code);
    process.stderr.write(`${error.code}: ${entry?.title ?? ''}\n${error.message}\n${entry?.fix ?? ''}\n`);
    return error.exitCode;
  }
  if (isUnwritten(error)) {
    // Node's own message begins with the code.
    process.stderr.write(`${error.message}\n`);
    return 69;
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const entry = codeEntry(code);
  process.stderr.write(
    `${code === '' ? 'INTERNAL' : code}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  if (entry === undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return entry === undefined ? 70 : 1;
}

/** What the system says of a write that it did not do: a full disk, a quota. */
function isUnwritten(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && error.syscall === 'write';
}

// Whoever read what is said here may go, and the disk that it goes to may be full: traffic goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

program()
  .parseAsync()
  .catch((error: unknown) => {
    // What was begun before it failed, a poll or a journal, would keep the process.
    process.exit(report(error));
  });
