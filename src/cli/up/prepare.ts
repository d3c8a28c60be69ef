import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Tokens } from '../../control/access/access.ts';
import { checkExposure } from '../../control/api/guard.ts';
import { type EdgePlanRead, type EdgeSource, readCertificates, readEdgePlan } from '../../control/edge/source.ts';
import type { Certificate } from '../../gateway/contract.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { renderText } from '../../report/diagnostics.ts';
import type { QuickSpecOptions } from '../../spec/quick/quick.ts';
import type { Cli } from '../command.ts';
import { wantsColour } from '../context.ts';

/** The options of `holdline up`, as commander reads them. */
export interface UpOptions extends Omit<QuickSpecOptions, 'to' | 'directory'> {
  readonly to?: readonly string[];
  readonly printSpec?: boolean;
  readonly tokenFile?: string;
  readonly readTokenFile?: string;
  readonly log?: string;
  readonly sockets?: SocketsWay;
  readonly engine?: EdgePlan['engine'];
  /** Folder of a supervised nginx. */
  readonly prefix?: string;
  /** Of a supervised nginx. */
  readonly reloadsPerHour?: number;
}

/** What an edge is started from. */
export interface Wanted {
  readonly source: EdgeSource;
  /** With `--to`, what the options amount to. */
  readonly quick: QuickSpecOptions | null;
  readonly read: EdgePlanRead;
  readonly report: (diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) => string;
}

export interface Prepared extends Omit<Wanted, 'read'> {
  /** What is watched: the spec, and what it names. */
  readonly watched: readonly string[];
  /** Whether the command line named the engine. */
  readonly overridden: boolean;
  readonly plan: EdgePlan;
  readonly directory: string;
  readonly certificates: readonly (Certificate | null)[];
  readonly tokens: Tokens;
}

export async function readWanted(file: string, options: UpOptions, cli: Cli): Promise<Wanted> {
  const { to } = options;
  const token = await givenToken(options, cli);
  const quick = to === undefined ? null : { ...options, to, directory: process.cwd(), token };
  const source: EdgeSource = quick === null ? { kind: 'file', file } : { kind: 'options', options: quick };
  const report: Wanted['report'] = (diagnostics, sources) =>
    renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources });
  return { source, quick, read: await readEdgePlan(source, options.engine), report };
}

/** Throws what keeps an edge with this plan from running. */
export async function prepare(wanted: Wanted, plan: EdgePlan, options: UpOptions, cli: Cli): Promise<Prepared> {
  const { read, source } = wanted;
  const token = (await givenToken(options, cli)) ?? plan.control.token;
  checkExposure(plan.control.address.host, token);
  const tokens = { steer: token, read: (await tokenIn(options.readTokenFile)) ?? cli.env.HOLDLINE_READ_TOKEN ?? null };
  if (tokens.read !== null && token === null)
    throw new HoldlineError(
      'control-needs-token',
      'a token for reading has no effect while no token is needed to steer',
    );
  const { directory, files } = read;
  const watched = source.kind === 'file' ? [source.file, ...files] : [];
  return {
    ...wanted,
    overridden: options.engine !== undefined,
    watched,
    plan,
    directory,
    tokens,
    certificates: await readCertificates(plan, directory),
  };
}

async function givenToken(options: UpOptions, cli: Cli): Promise<string | undefined> {
  return options.token ?? (await tokenIn(options.tokenFile)) ?? cli.env.HOLDLINE_TOKEN;
}

/** Where ps does not show it, and nothing writes it down. */
async function tokenIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HoldlineError('token-file-unusable', `the token file ${file} could not be read (${error.code})`, {
      cause: error,
    });
  });
  const token = text.trim();
  if (/^[\x21-\x7e]{8,500}$/.test(token)) return token;
  throw new HoldlineError(
    'token-file-unusable',
    `the token file ${file} holds no token of 8 to 500 visible characters`,
  );
}
