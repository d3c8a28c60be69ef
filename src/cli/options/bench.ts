/** The options of `holdline bench`. */
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration, parseRate } from '../../base/units.ts';
import { type BackoffRange, parseBackoff } from '../../bench/scenario/backoff.ts';
import {
  type BenchMode,
  benchModes,
  type ScenarioInput,
  type SearchSubject,
  searchSubjects,
} from '../../bench/scenario/scenario.ts';
import { parseSizes, type SizeShare } from '../../bench/scenario/sizes.ts';
import { placeholders } from '../../bench/scenario/template.ts';
import { metrics } from '../../bench/scenario/thresholds.ts';
import { openings } from '../../client/opening.ts';
import { checked, number } from './value.ts';

const placeholderNames = Object.keys(placeholders)
  .map((name) => `{${name}}`)
  .join(' ');

export interface BenchCommandOptions {
  readonly url?: string;
  readonly mode?: BenchMode;
  readonly connections?: number;
  readonly connectRate?: number;
  readonly duration?: number;
  readonly rate?: number;
  readonly size?: readonly SizeShare[];
  readonly binary?: boolean;
  readonly compress?: boolean;
  readonly message?: string;
  readonly reply?: string;
  readonly publishers?: number;
  readonly storm?: readonly number[];
  readonly stormCommand?: string;
  readonly backoff?: BackoffRange;
  readonly jitter?: number;
  readonly retryAfter?: boolean;
  readonly reconnect?: boolean;
  readonly search?: SearchSubject;
  readonly grace?: number;
  readonly processes?: number;
  readonly source?: readonly string[];
  readonly origin?: string;
  readonly subprotocol?: readonly string[];
  readonly first?: string;
  readonly expect?: string;
  readonly header?: readonly string[];
  readonly insecure?: boolean;
  readonly pid?: readonly number[];
  readonly threshold?: readonly string[];
  readonly iOwnThisTarget?: boolean;
  readonly json?: boolean;
  readonly csv?: string;
  readonly html?: string;
  readonly quiet?: boolean;
}

export function addBenchOptions(command: Command): Command {
  return command
    .option('--url <url>', 'target in place of the one in a scenario file')
    .option('--mode <mode>', `${benchModes.join(', ')} (default: echo)`, mode)
    .option('-c, --connections <n>', 'connections in all (default: 100)', number)
    .option('--connect-rate <rate>', 'how fast they are opened (default: 500/s)', checked(parseRate))
    .option(
      '-d, --duration <time>',
      'how long the load lasts once they are open (default: 10s)',
      checked(parseDuration),
    )
    .option('-r, --rate <rate>', 'messages per second on each sending connection (default: 10/s)', checked(parseRate))
    .option('-s, --size <size>', 'bytes of a message, or a mix: 64:80%,4096:20% (default: 64)', checked(parseSizes))
    .option('--binary', 'send binary messages instead of text')
    .option('--compress', 'offer permessage-deflate, and compress every message')
    .option('--message <text>', `message to send, with placeholders: ${placeholderNames}`)
    .option('--reply <regex>', 'how a reply names the id of its message: "id":"(?<id>[0-9a-f]+)"')
    .option('--publishers <n>', 'connections that send, in mode fanout (default: 1)', number)
    .option('--storm <time>', 'cut all connections at this time into the load; repeat it', times)
    .option('--storm-command <command>', 'run this in place of cutting: what makes the server drop them')
    .option('--backoff <range>', 'how long clients wait before they come back, or 0 (default: 1s..30s)', backoff)
    .option('--jitter <share>', 'random part of that wait, 0 to 1 (default: 1)', number)
    .option('--retry-after', 'wait as long as a 429 or 503 says before trying again')
    .option('--reconnect', 'also come back after connections lost outside storms')
    .option('--search <what>', `${searchSubjects.join(' or ')}: find the most that keeps the thresholds`, search)
    .option('--grace <time>', 'how long to wait for the last answers (default: 5s)', checked(parseDuration))
    .option('--processes <n>', 'processes that make the load (default: as many as it asks for)', number)
    .option('--source <address>', 'source address to connect from; repeat it', collect)
    .option('--origin <origin>', 'value of the Origin header')
    .option('--subprotocol <name>', 'subprotocol to ask for; repeat it', collect)
    .option(
      '--first <text>',
      `message that every connection sends first: a text, or ${Object.keys(openings).join(', ')}`,
    )
    .option('--expect <text>', 'text that the answer must contain before the connection counts as open')
    .option('-H, --header <name: value>', 'header to send in handshakes; repeat it', collect)
    .option('--insecure', 'accept any certificate')
    .option('--pid <pid>', 'local process whose processor time and memory are measured; repeat it', pids)
    .option(
      '-t, --threshold <text>',
      `"p99 < 50ms", "lost = 0"; exit code 1 when missed; repeat it. Known: ${Object.keys(metrics).join(', ')}`,
      collect,
    )
    .option('--i-own-this-target', 'the target has a public address, and it is yours to load')
    .option('--json', 'print the report as JSON')
    .option('--csv <file>', 'write what happened in each second as CSV')
    .option('--html <file>', 'write a page with charts, which opens from disk')
    .option('-q, --quiet', 'say nothing while it runs');
}

/** Only what was said. */
export function saidInput(options: BenchCommandOptions): Partial<ScenarioInput> {
  const said = <Key extends keyof ScenarioInput>(key: Key, value: ScenarioInput[Key] | undefined) =>
    value === undefined ? {} : { [key]: value };
  return {
    ...said('url', options.url),
    ...said('mode', options.mode),
    ...said('connections', options.connections),
    ...said('connectsPerSecond', options.connectRate),
    ...said('durationMs', options.duration),
    ...said('messagesPerSecond', options.rate),
    ...said('messageBytes', options.size?.length === 1 ? options.size[0]!.bytes : undefined),
    ...said('sizes', (options.size?.length ?? 0) > 1 ? options.size : undefined),
    ...said('kind', options.binary ? 'binary' : undefined),
    ...said('compress', options.compress),
    ...said('message', options.message),
    ...said('reply', options.reply),
    ...said('storms', storms(options)),
    ...said('backoff', backoffInput(options)),
    ...said('reconnect', options.reconnect),
    ...said('search', options.search),
    ...said('publishers', options.publishers),
    ...said('graceMs', options.grace),
    ...said('processes', options.processes),
    ...said('sources', options.source),
    ...said('origin', options.origin),
    ...said('subprotocols', options.subprotocol),
    ...said('first', options.first),
    ...said('expect', options.expect),
    ...said('rawHeaders', options.header?.flatMap(header)),
    ...said('insecure', options.insecure),
    ...said('pids', options.pid),
    ...said('thresholds', options.threshold),
    ...said('ownsTarget', options.iOwnThisTarget),
  };
}

/** With a command and no time, the storm comes at once. */
function storms({ storm, stormCommand }: BenchCommandOptions): ScenarioInput['storms'] {
  const command = stormCommand ?? null;
  if (storm === undefined && command === null) return undefined;
  return (storm ?? [0]).map((atMs) => ({ atMs, command }));
}

function backoffInput({ backoff, jitter, retryAfter }: BenchCommandOptions): ScenarioInput['backoff'] {
  if (backoff === undefined && jitter === undefined && retryAfter === undefined) return undefined;
  return {
    ...backoff,
    ...(jitter === undefined ? {} : { jitter }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

const backoff = checked(parseBackoff);

function times(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, checked(parseDuration)(text)];
}

function search(text: string): SearchSubject {
  const found = searchSubjects.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`write ${searchSubjects.join(' or ')}`);
  return found;
}

function mode(text: string): BenchMode {
  const found = benchModes.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`write ${benchModes.join(', ')}`);
  return found;
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function pids(text: string, before: readonly number[] = []): readonly number[] {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError(`"${text}" is not the id of a process`);
  return [...before, Number(text)];
}

/** What stands before the first colon is the name; the dial itself refuses what cannot be written. */
function header(text: string): string[] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}
