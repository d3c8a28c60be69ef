import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import type { Certificate } from '../../gateway/contract.ts';
import { openGate } from '../../gateway/contract.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { planChange } from '../change/plan-change.ts';
import { sharedDesk } from '../desk/shared.ts';
import { postOffice } from '../handover/post.ts';
import { tryOnDisk } from '../handover/probation.ts';
import type { Children } from '../processes/child.ts';
import { workerEntry } from '../workers/entry.ts';
import { WorkerForks } from '../workers/forks.ts';
import type { WrittenSupervisor } from './protocol.ts';
import { readSupervisor } from './written-state.ts';

export interface SelfCheckOptions {
  /** As the spec on disk means it. */
  readonly plan: EdgePlan;
  readonly certificates: readonly (Certificate | null)[];
  readonly sockets: SocketsWay;
  readonly children: Children;
  /** Of the supervisor that is in charge. */
  readonly state: WrittenSupervisor;
  readonly probationMs: number;
  /** Writes a line into the log. Throws where that cannot be done. */
  readonly writeLog: () => void;
}

/**
 * What a supervisor does before it takes over: reads the state of the one in charge, holds the spec on disk against
 * what runs, writes into the log, and has a worker of its version carry clients. Returns why it cannot take over; null
 * when it can.
 */
export async function selfCheck(options: SelfCheckOptions): Promise<string | null> {
  const { plan, certificates, sockets, children, probationMs } = options;
  const read = readSupervisor(options.state);
  if (!read.ok) return `it cannot read the state of the supervisor that runs: ${read.problem}`;
  const { diagnostics } = planChange(read.state.plan, plan);
  if (hasErrors(diagnostics)) return `the spec on disk needs a restart: ${firstError(diagnostics)}`;
  try {
    options.writeLog();
  } catch (error) {
    return `the log cannot be written: ${(error as Error).message}`;
  }
  const forks = new WorkerForks(
    {
      entry: workerEntry,
      children,
      stickyKey: read.state.stickyKey,
      listeners: [],
      nowMs: Date.now,
      newIdPrefix: () => `trial-${process.pid}`,
      state: () => ({ plan, servers: {}, certificates, gate: openGate, tellsOpens: false, sockets }),
      // Its only client is one that tries it.
      onServerLost: () => undefined,
      onEvent: () => undefined,
      desk: sharedDesk(plan),
    },
    postOffice(() => []),
  );
  const verdict = await tryOnDisk({ start: (change, onErrors) => forks.trial(change, onErrors), forMs: probationMs });
  return verdict.ok ? null : `a worker of it was tried: ${verdict.problem}`;
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.find(({ severity }) => severity === 'error')?.message ?? '';
}
