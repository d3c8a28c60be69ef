import type { UpgradeState } from '../handover/upgrade.ts';
import type { BoundListener } from '../listen/listeners.ts';
import type { Past } from './protocol.ts';
import type { SupervisorState } from './state.ts';

/** What a supervisor begins with that takes over from another one. */
export interface Inherited {
  readonly state: SupervisorState;
  /** The bound sockets, in the order of the plan. */
  readonly listeners: readonly BoundListener[];
  readonly past: readonly Past[];
  /** How the exchange stands that it is part of. */
  readonly upgrade: UpgradeState | null;
  /** The one before did not say what the workers hold of the limits: they are asked. */
  readonly recounts: boolean;
}
