import type { UpgradeState } from '../../control/handover/upgrade.ts';
import type { BoundListener } from '../../control/listen/listeners.ts';
import type { CommitOutcome } from '../../control/succession/protocol.ts';
import type { SupervisorState } from '../../control/succession/state.ts';
import { readSupervisor } from '../../control/succession/written-state.ts';
import type { Takeover } from './supervision.ts';

/**
 * The edge comes back to this process's supervisor, which had given it away: with what the other one left, or, where
 * that is nothing, with its own.
 */
export function broughtBack(
  outcome: Extract<CommitOutcome, { kind: 'back' }>,
  before: {
    readonly state: SupervisorState;
    readonly upgrade: UpgradeState;
    readonly listeners: readonly BoundListener[];
  },
): Takeover {
  const left = outcome.state === null ? null : readSupervisor(outcome.state);
  const state = left?.ok === true ? left.state : { ...before.state, workers: outcome.workers };
  const control = { handle: outcome.control ?? undefined, port: state.control.port, sessions: state.sessions };
  const upgrade: UpgradeState = { ...before.upgrade, phase: 'kept', problem: outcome.why };
  const inherited = { state, listeners: before.listeners, past: [], upgrade, recounts: left?.ok !== true };
  return { inherited, control, follow: null };
}
