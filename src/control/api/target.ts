import type { ReloadOutcome, Supervisor } from '../supervisor.ts';

/** What the control API needs of the edge. */
export interface ControlTarget
  extends Pick<
    Supervisor,
    | 'plan'
    | 'query'
    | 'connection'
    | 'counts'
    | 'originsSeen'
    | 'closeConnections'
    | 'send'
    | 'totals'
    | 'workers'
    | 'workerRestarts'
    | 'silentWorkers'
    | 'instances'
    | 'managedServers'
    | 'gateClosed'
    | 'setGate'
  > {
  /** Reads the spec again and applies it. */
  reload(): Promise<ReloadOutcome>;
}
