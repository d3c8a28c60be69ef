import type { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { stayCauses } from '../../base/stay-cause.ts';
import { isUnderWay, type UpgradeState } from '../../control/handover/upgrade.ts';
import type { WorkerStatus } from '../../control/workers/state.ts';
import { packageBuild } from '../../host/package-build.ts';
import { packageVersion } from '../../host/package-version.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlClient, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface UpgradeOptions extends ControlOptions {
  readonly dryRun?: boolean;
  readonly ifChanged?: boolean;
  readonly cancel?: boolean;
  readonly rate?: number;
}

const lookEveryMs = 250;
/** A supervisor that has to come back takes two or three seconds. */
const lookTriesMax = 40;

export function registerUpgrade(program: Command, cli: Cli): void {
  const command = program
    .command('upgrade')
    .description(
      'After an update of the package: tries the code on disk with test clients, then lets it take over without closing connections: first the supervisor, then the workers one by one.',
    );
  addControlOptions(command)
    .option('--dry-run', 'only try the code on disk')
    .option('--if-changed', 'only when this command is of another build than the edge')
    .option('--rate <number>', 'most connections a second', Number)
    .option('--cancel', 'stop a running upgrade before the next worker')
    .action(cli.action((options: UpgradeOptions) => upgrade(options, cli, command)));
  addExamples(command, [
    'holdline upgrade',
    'holdline upgrade --dry-run',
    'holdline upgrade --if-changed',
    'holdline upgrade --cancel',
  ]);
}

async function upgrade(options: UpgradeOptions, cli: Cli, command: Command): Promise<ExitCode> {
  if (options.rate !== undefined && !(options.rate > 0)) command.error('error: --rate is a number above 0');
  const client = controlClient(options, cli);
  const say = (line: string) => cli.stdout.write(`${printable(line)}\n`);
  if (options.cancel === true) {
    const runs = isUnderWay(await cancelled(client));
    say(runs ? 'it stops before the next worker' : 'no upgrade is under way');
    return runs ? 0 : 1;
  }
  if (options.ifChanged === true && (await runsThisBuild(client))) {
    say('the edge runs this build already');
    return 0;
  }
  const request = { dryRun: options.dryRun === true, perSecond: options.rate };
  let state = await client.call<UpgradeState>('POST', '/upgrade', request);
  let said = '';
  for (;;) {
    const line = progressText(state);
    if (line !== said) say(line);
    said = line;
    if (!isUnderWay(state.phase)) break;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    state = await look(client);
  }
  for (const [cause, count] of Object.entries(state.stayed))
    say(`${count} stay with the old workers: ${stayCauses[cause as keyof typeof stayCauses] ?? cause}`);
  return state.phase === 'done' || state.phase === 'would' ? 0 : 1;
}

/** Of the supervisor, and of every worker that is to stay: an exchange that was stopped left some behind. */
async function runsThisBuild(client: ControlClient): Promise<boolean> {
  const { build } = await client.call<{ readonly build?: string | null }>('GET', '/version');
  if (build !== (await packageBuild())) return false;
  const { workers } = await client.call<{ readonly workers: readonly WorkerStatus[] }>('GET', '/workers');
  return workers.every(({ leaving, version }) => leaving || version === packageVersion());
}

const look = (client: ControlClient) => persist(() => client.call<UpgradeState>('GET', '/upgrade'));

/**
 * While one supervisor gives the edge to the other, there is nobody who could stop: the next one is asked. Returns the
 * phase it was in.
 */
async function cancelled(client: ControlClient): Promise<UpgradeState['phase']> {
  let { phase } = await client.call<UpgradeState>('POST', '/upgrade/cancel');
  while (phase === 'supervisor') {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    ({ phase } = await persist(() => client.call<UpgradeState>('POST', '/upgrade/cancel')));
  }
  return phase;
}

/** While the control address goes from one process to the other, a question may be cut, or find nobody. */
async function persist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= lookTriesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }
}

function progressText({ phase, from, to, problem, workers, exchanged, moved }: UpgradeState): string {
  switch (phase) {
    case 'probation':
      return `trying the code on disk; ${from ?? 'the version before'} goes on with ${many(workers, 'worker')}`;
    case 'supervisor':
      return `version ${to ?? '?'} has passed; its supervisor takes over`;
    case 'exchange':
      return `version ${to ?? '?'}: ${exchanged} of ${many(workers, 'worker')} exchanged, ${many(moved, 'connection')} handed over`;
    case 'done':
      return `done: ${many(exchanged, 'worker')} of version ${to ?? '?'}, ${many(moved, 'connection')} handed over`;
    case 'would':
      return `version ${to ?? '?'} has passed; nothing was exchanged`;
    case 'cancelled':
      return `cancelled: ${exchanged} of ${many(workers, 'worker')} exchanged`;
    case 'kept':
      return `${from ?? 'the version before'} goes on, ${exchanged} of ${many(workers, 'worker')} exchanged. The code on disk: ${problem ?? 'it was not said why'}`;
    case 'none':
      return 'no upgrade is under way';
  }
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
