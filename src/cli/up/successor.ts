import { HoldlineError } from '../../base/error.ts';
import { writeLine } from '../../control/log/log.ts';
import type { DistantKeeper, Draft, Turn } from '../../control/succession/distant-keeper.ts';
import { DistantHandle, listenerName } from '../../control/succession/handles.ts';
import { selfCheck } from '../../control/succession/self-check.ts';
import { supervisorVersions } from '../../control/succession/state.ts';
import { readSupervisor } from '../../control/succession/written-state.ts';
import { chooseSockets } from '../../control/workers/sockets.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { toldSignals } from '../signals.ts';
import { broughtBack } from './coming-back.ts';
import { prepare, readWanted, type UpOptions } from './prepare.ts';
import { type Surroundings, supervise, type Takeover } from './supervision.ts';
import { surroundings } from './surroundings.ts';

interface SuccessorOptions {
  readonly file: string;
  readonly options: UpOptions;
  readonly cli: Cli;
  readonly version: string;
}

/**
 * Runs as the supervisor of an edge that another process has started: tries itself, takes over, and goes on until it is
 * told to end.
 */
export async function runSuccessor(keeper: DistantKeeper, how: SuccessorOptions): Promise<ExitCode> {
  const signals = toldSignals((tell) => {
    keeper.onSignal = tell;
  });
  keeper.greet({ version: how.version, reads: supervisorVersions });
  const around = await getReady(keeper, how, signals).catch((error: unknown) => {
    if (error instanceof HoldlineError) return error.message;
    throw error;
  });
  if (typeof around === 'string') {
    await keeper.judge(around);
    return 3;
  }
  const first = await Promise.race([keeper.draft, keeper.turn]);
  if ('probationMs' in first) await keeper.judge(await tried(around, keeper, first, how));
  const turn = 'probationMs' in first ? await keeper.turn : first;
  let takeover: Takeover = takeoverOf(turn, keeper);
  if (turn.anew !== null)
    around.onEvent({ kind: 'supervisor-restarted', why: turn.anew.why, workers: turn.anew.workers.length });
  for (;;) {
    const end = await supervise(around, takeover);
    if (end.kind === 'ended') {
      await around.service.reporter.close();
      await around.log?.close();
      await keeper.successor.end(end.code);
      return end.code;
    }
    const { outcome } = end.made;
    if (outcome === 'given-back' || outcome.kind === 'final') return 0;
    takeover = broughtBack(outcome, end);
  }
}

async function getReady(
  keeper: DistantKeeper,
  { file, options, cli, version }: SuccessorOptions,
  signals: Surroundings['signals'],
): Promise<Surroundings | string> {
  const wanted = await readWanted(file, options, cli);
  const { plan, diagnostics } = wanted.read;
  if (plan === null) {
    const first = diagnostics.find(({ severity }) => severity === 'error')?.message;
    return `the spec on disk has errors: ${first ?? ''}`;
  }
  const prepared = await prepare(wanted, plan, options, cli);
  const around = await surroundings(prepared, { options, cli, version, keeper, signals });
  return { ...around, sockets: options.sockets ?? (await chooseSockets(around.onEvent)) };
}

function tried(
  { prepared, sockets, logFile, version }: Surroundings,
  keeper: DistantKeeper,
  { state, probationMs }: Draft,
  { version: to }: SuccessorOptions,
): Promise<string | null> {
  const from = typeof state.from === 'string' ? state.from : null;
  return selfCheck({
    plan: prepared.plan,
    certificates: prepared.certificates,
    sockets: sockets ?? 'public',
    children: keeper.children,
    state,
    probationMs,
    writeLog() {
      const event = {
        kind: 'upgrade',
        phase: 'probation',
        from,
        to: to || version,
        problem: null,
        exchanged: 0,
      } as const;
      if (logFile !== null && logFile !== '-') writeLine(logFile, event);
    },
  });
}

function takeoverOf(turn: Turn, keeper: DistantKeeper): Takeover {
  const read = readSupervisor(turn.state);
  if (!read.ok) throw new Error(`the state of the supervisor before cannot be read: ${read.problem}`);
  const { anew } = turn;
  const state = anew === null ? read.state : { ...read.state, workers: anew.workers };
  const listeners = state.addresses.map((address, index) => ({
    ...address,
    handle: new DistantHandle(listenerName(index)),
    // The keeper has it, and lets it go when the edge has ended.
    close: () => undefined,
  }));
  return {
    inherited: { state, listeners, past: keeper.past.splice(0), upgrade: null, recounts: anew !== null },
    control: { handle: turn.control ?? undefined, port: state.control.port, sessions: state.sessions },
    follow: anew === null ? { perSecond: state.perSecond } : null,
  };
}
