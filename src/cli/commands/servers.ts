import type { Command } from 'commander';
import type { DrainRow } from '../../control/drain/job.ts';
import type { InstanceState } from '../../control/managed/state.ts';
import type { ServerRow } from '../../control/servers/entry.ts';
import type { RebalanceStarted } from '../../control/servers/rebalance.ts';
import { serverTable } from '../../report/edge/servers.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, tableWidth } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { showDrain } from '../edge/drain-watch.ts';
import { addExamples } from '../help.ts';
import { addPaceOptions, type PaceOptions, paceBody } from '../options/pace.ts';
import { number } from '../options/value.ts';

interface NameOptions extends ControlOptions {
  readonly upstream?: string;
}

interface AddOptions extends NameOptions {
  readonly weight?: number;
  readonly connections?: number;
  readonly save?: boolean;
}

interface DrainOptions extends NameOptions, PaceOptions {
  readonly force?: boolean;
  readonly save?: boolean;
}

export function registerServers(program: Command, cli: Cli): void {
  const servers = program
    .command('servers')
    .description(
      'Shows every server with its state and its live connections, and adds or removes servers while clients are connected.',
    );
  addExamples(servers, [
    'holdline servers',
    'holdline servers add http://10.0.0.3:9000 --save',
    'holdline servers drain http://10.0.0.1:9000 --rate 100/s --watch',
    'holdline servers rebalance --dry-run',
  ]);

  addControlOptions(servers.command('list', { isDefault: true }).description('Lists them (the default).'))
    .option('--json', 'print JSON, one server a line')
    .action(cli.action((options: ControlOptions & { json?: boolean }) => list(options, cli)));

  addControlOptions(named(servers, 'add', 'Adds a server to an upstream; its share of new clients grows slowly.'))
    .option('--weight <number>', 'its share, relative to the others', number)
    .option('--connections <number>', 'most connections at once', number)
    .option('--save', 'write it into the spec, too; otherwise a restart of the edge forgets it')
    .action(cli.action((url: string, options: AddOptions) => add(url, options, cli)));

  addControlOptions(
    addPaceOptions(named(servers, 'drain', 'Gives a server no new clients, and closes its connections at a pace.')),
  )
    .option('--force', 'even when no other server of the upstream is up')
    .action(cli.action((url: string, options: DrainOptions) => drain('drain', url, options, cli)));

  addControlOptions(
    named(servers, 'undrain', 'Gives a server new clients again, and stops closing its connections.'),
  ).action(cli.action((url: string, options: NameOptions) => undrain(url, options, cli)));

  addControlOptions(
    servers
      .command('rebalance')
      .description('Moves or closes the surplus of servers that hold more than their share, idlest clients first.')
      .argument('[upstream]', 'whose servers; needed where there are several')
      .option('--dry-run', 'only say what it would do')
      .option('--rate <rate>', 'most connections a second, as in 50/s or 2%/s; default: what the routes say')
      .option('--watch', 'show progress until it is done'),
  ).action(cli.action((upstream: string | undefined, options: RebalanceOptions) => rebalance(upstream, options, cli)));

  addControlOptions(
    addPaceOptions(
      named(servers, 'remove', 'Takes a server off the list; it is shown until its last client has left.'),
    ),
  )
    .option('--force', 'even when no other server of the upstream is up')
    .option('--save', 'take it out of the spec, too; otherwise a restart of the edge brings it back')
    .action(cli.action((url: string, options: DrainOptions) => drain('remove', url, options, cli)));
}

interface RebalanceOptions extends ControlOptions {
  readonly dryRun?: boolean;
  readonly rate?: string;
  readonly watch?: boolean;
}

async function rebalance(upstream: string | undefined, options: RebalanceOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { dryRun = false, rate } = options;
  const done = await client.call<RebalanceStarted>('POST', '/servers/rebalance', { upstream, dryRun, rate });
  const { servers, moves, closes, drain: begun } = done;
  if (moves + closes === 0) {
    cli.stdout.write(`the servers of ${done.upstream} are even enough\n`);
    const { servers: rows } = await client.call<ServersAnswer>('GET', '/servers');
    for (const { url, share } of rows.filter((row) => row.upstream === done.upstream && row.share < 1))
      cli.stdout.write(
        `${url} starts slowly: it has ${Math.round(share * 100)} % of its weight, and gets more by the second\n`,
      );
  }
  for (const { url, connections, fair, excess } of servers)
    cli.stdout.write(`${url} holds ${connections}, its share is ${fair}: ${excess} too many\n`);
  if (moves > 0) cli.stdout.write(`${moves} ${dryRun ? 'would move' : 'move'} and stay connected\n`);
  if (closes > 0)
    cli.stdout.write(`${closes} ${dryRun ? 'would be' : 'are'} closed, and come back to another server\n`);
  return begun === null ? 0 : showDrain(begun, options.watch === true, client, cli);
}

function named(servers: Command, name: string, description: string): Command {
  return servers
    .command(name)
    .description(description)
    .argument('<url>', 'the server, as in http://10.0.0.1:9000 or unix:/run/app.sock')
    .option('--upstream <name>', 'its upstream, when several have this server');
}

interface ServersAnswer {
  readonly servers: ServerRow[];
  /** Of those that Holdline starts itself. */
  readonly instances: InstanceState[];
}

async function list(options: ControlOptions & { readonly json?: boolean }, cli: Cli): Promise<ExitCode> {
  const answer = controlClient(options, cli).call<ServersAnswer>('GET', '/servers');
  const { servers, instances } = await answer;
  const lines =
    options.json === true
      ? [...servers, ...instances.filter(({ url }) => url === null)].map((row) => JSON.stringify(row))
      : serverTable(servers, instances, tableWidth(cli.stdout));
  for (const line of lines) cli.stdout.write(`${line}\n`);
  return 0;
}

async function add(url: string, options: AddOptions, cli: Cli): Promise<ExitCode> {
  const { upstream, weight, connections, save = false } = options;
  const body = { url, upstream, weight, connections, save };
  const row = await controlClient(options, cli).call<ServerRow>('POST', '/servers', body);
  cli.stdout.write(`${row.url} is a server of ${row.upstream} now${save ? ', and in the spec' : unsavedHint}\n`);
  return 0;
}

const unsavedHint = '; a restart of the edge forgets that (--save writes it into the spec)';

async function drain(what: 'drain' | 'remove', url: string, options: DrainOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { upstream, force = false, save } = options;
  const body = { ...paceBody(options), url, upstream, force, save };
  const done = await client.call<{ server: ServerRow; drain: DrainRow }>('POST', `/servers/${what}`, body);
  const hint = what === 'remove' && save !== true && done.server.unsaved === 'removed' ? unsavedHint : '';
  cli.stdout.write(`${done.server.url} takes no new clients${hint}\n`);
  return showDrain(done.drain, options.watch === true, client, cli);
}

async function undrain(url: string, options: NameOptions, cli: Cli): Promise<ExitCode> {
  const body = { url, upstream: options.upstream };
  const row = await controlClient(options, cli).call<ServerRow>('POST', '/servers/undrain', body);
  cli.stdout.write(`${row.url} is ${row.state}${row.reason === '' ? '' : `: ${row.reason}`}\n`);
  return 0;
}
