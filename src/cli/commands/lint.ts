import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { findVersion, type NginxVersion } from '../../base/nginx-version.ts';
import { parseDuration } from '../../base/units.ts';
import { requestFor } from '../../nginx/effective/request/address.ts';
import type { LintOptions } from '../../nginx/lint/rule.ts';
import { ruleNamed } from '../../nginx/lint/rules.ts';
import { stdinName } from '../../nginx/run/disk-reader.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';
import { parseContext } from '../../nginx/syntax/fragment.ts';
import { type Format, lintFormats } from '../../report/lint/output.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addExamples } from '../help.ts';
import { readRules } from '../lint/own-rules.ts';
import { lintFilesAndReport } from '../lint/run.ts';
import {
  joinedSettings,
  type LintSettings,
  noSettings,
  readSettings,
  settingsFrom,
  severities,
} from '../lint/settings.ts';
import { pathRoot } from '../options/path-root.ts';

interface Flags {
  readonly target?: NginxVersion;
  readonly heartbeat?: number;
  readonly connections?: number;
  readonly spec?: string;
  readonly context?: readonly string[];
  readonly prefix?: string;
  readonly root?: readonly PathRoot[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly rule?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly format: Format;
  readonly effective?: boolean | string;
  readonly location?: string;
  readonly fix?: boolean;
  readonly fixAll?: boolean;
  readonly diff?: boolean;
  readonly failOn?: string;
}

/** Where Debian, Red Hat and nginx's own packages have it. */
const defaultFile = '/etc/nginx/nginx.conf';

export function registerLint(program: Command, cli: Cli): void {
  const command = program
    .command('lint')
    .description(
      'Finds what breaks WebSockets in nginx configurations. It judges what each location really gets after includes, inheritance and jumps. - stands for standard input.',
    )
    .argument('[files...]', 'configurations, or parts that others include', [defaultFile])
    .option(
      '--target <version>',
      'nginx version whose defaults apply (default: the installed one, else the newest)',
      version,
    )
    .option('--heartbeat <time>', 'how often the application pings, such as 25s', duration)
    .option('--connections <n>', 'how many live WebSockets this nginx should hold', count)
    .option('--spec <file>', 'take heartbeat, connections and paths from a spec')
    .option('--context <blocks>', 'the blocks around an included part, such as http,server (default: a guess)', context)
    .option('--prefix <dir>', 'where relative includes start (default: the directory of nginx.conf)')
    .option(
      '--root <dir=here>',
      'where a directory named in includes is on this machine: /etc/nginx=./checkout (may repeat)',
      pathRoot,
    )
    .option('--enable <rules>', 'rules to turn on that are off by default, such as ws023', list)
    .option('--disable <rules>', 'rules to turn off, such as ws013,ws037', list)
    .option('--rule <file>', 'a module with rules of your own (docs/lint.md; may repeat)', files)
    .option('--baseline <file>', 'report only findings that are not in this file')
    .option('--write-baseline <file>', 'write the current findings, for --baseline later')
    .option('--effective [url]', 'print what each location really gets, or how one URL is handled, instead of findings')
    .option('--location <pattern>', 'only this location, with --effective')
    .addOption(new Option('--format <form>', 'format of the output').choices(lintFormats).default('text'))
    .option('--fix', 'fix what can be fixed without changing what works')
    .option('--fix-all', 'also fix what may be intended, such as a timeout')
    .option('--diff', 'show what --fix or --fix-all would change; nothing is written unless --fix is given too')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on (default: error)').choices(
        Object.keys(severities),
      ),
    )
    .action(cli.action((files: string[], flags: Flags) => lint(files, flags, cli)));
  addExamples(command, [
    'holdline lint',
    'holdline lint --heartbeat 25s --diff sites-enabled/app.conf',
    'holdline lint --effective --location /ws/ nginx.conf',
    'holdline lint --effective wss://app.example.com/chat?x=1 nginx.conf',
    'holdline lint --format sarif nginx.conf > lint.sarif',
  ]);
}

async function lint(files: readonly string[], flags: Flags, cli: Cli): Promise<ExitCode> {
  if ((flags.fix === true || flags.fixAll === true) && files.includes(stdinName) && flags.diff !== true)
    return usage(cli, 'standard input cannot be fixed in place; --diff shows what would change');
  const fromSpec = flags.spec === undefined ? null : await optionsFromSpec(flags.spec);
  const settings = joinedSettings(await readSettings(), fromSpec?.settings ?? noSettings);
  const ownRules = await readRules([...settings.ruleFiles, ...(flags.rule ?? [])]);
  const disabled = (flags.disable ?? []).map((name) => [ruleNamed(name)!.id, 'off'] as const);
  const options: LintOptions = {
    ...fromSpec?.options,
    ...settings.options,
    ownRules,
    levels: new Map([...(settings.options.levels ?? []), ...disabled]),
    ...(flags.heartbeat !== undefined && { heartbeatMs: flags.heartbeat }),
    ...(flags.connections !== undefined && { connections: flags.connections }),
    ...(flags.enable !== undefined && { optIn: flags.enable }),
    ...(flags.target !== undefined && { target: flags.target }),
  };
  return lintFilesAndReport(
    {
      files: filesOf(files, flags),
      options,
      context: flags.context ?? null,
      prefix: flags.prefix ?? null,
      roots: [...settings.roots, ...(flags.root ?? [])],
      show:
        flags.effective !== undefined || flags.location !== undefined
          ? { location: flags.location ?? null, url: urlOf(flags) }
          : null,
      format: flags.format,
      fix: flags.fixAll === true ? 'all' : flags.fix === true || flags.diff === true ? 'safe' : null,
      write: flags.fix === true || (flags.fixAll === true && flags.diff !== true),
      diff: flags.diff === true,
      failOn: severities[flags.failOn ?? ''] ?? settings.failOn ?? 'error',
      baseline: { read: flags.baseline ?? null, write: flags.writeBaseline ?? null },
    },
    cli,
  );
}

/** Behind --effective stands an address or, as before every option, a file. */
function urlOf({ effective }: Flags): string | null {
  return typeof effective === 'string' && requestFor(effective) !== null ? effective : null;
}

function filesOf(files: readonly string[], flags: Flags): readonly string[] {
  if (typeof flags.effective !== 'string' || urlOf(flags) !== null) return files;
  return [flags.effective, ...files.filter((file) => file !== defaultFile)];
}

function usage(cli: Cli, message: string): ExitCode {
  cli.stderr.write(`error: ${message}\n`);
  return 2;
}

/** What a spec tells of the application: where its WebSockets are, how often they are pinged, how many there are. */
async function optionsFromSpec(file: string): Promise<{ options: LintOptions; settings: LintSettings }> {
  // The whole of the spec’s schema, which a lint without one does not need.
  const { readSpecFile } = await import('../../control/edge/spec-file.ts');
  const { value, diagnostics } = await readSpecFile(file);
  if (value === null || hasErrors(diagnostics)) {
    const first: Diagnostic | undefined = diagnostics.find(({ severity }) => severity === 'error');
    throw new HoldlineError('spec-unreadable-file', `${file} is not a spec:  ${first?.message ?? 'it has errors'}`, {
      help: `run holdline check ${file}`,
    });
  }
  const { routes, workload, lint: written } = value;
  const options: LintOptions = {
    routes: routes.map(({ match, heartbeat }) => ({
      path: match.path,
      ...(heartbeat !== null && { heartbeatMs: heartbeat.everyMs }),
    })),
    ...(workload.connections !== null && { connections: workload.connections }),
  };
  return { options, settings: written === undefined ? noSettings : settingsFrom(written, `lint of ${file}`) };
}

function version(text: string): NginxVersion {
  const parsed = /^\d+\.\d+(?:\.\d+)?$/.test(text) ? findVersion(text) : null;
  if (parsed === null) throw new InvalidArgumentError('Write a version of nginx such as 1.22.1.');
  return parsed;
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok || parsed.value <= 0) throw new InvalidArgumentError('Write a time such as 25s or 2m.');
  return parsed.value;
}

function count(text: string): number {
  const parsed = Number(text);
  if (!/^\d{1,9}$/.test(text) || parsed === 0) throw new InvalidArgumentError('Write a number such as 20000.');
  return parsed;
}

function context(text: string): readonly string[] {
  const parsed = text === 'main' ? [] : parseContext(text);
  if (parsed === null) throw new InvalidArgumentError('Write blocks such as http or http,server.');
  return parsed;
}

function files(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text];
}

function list(text: string): readonly string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const unknown = names.find((name) => ruleNamed(name) === undefined);
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no rule "${unknown}".`);
  return names;
}
