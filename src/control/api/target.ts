import type { ReloadOutcome, Supervisor } from '../supervisor.ts';

/** What the control API needs of the edge. */
export interface ControlTarget
  extends Pick<
    Supervisor,
    | 'addresses'
    | 'startedAtMs'
    | 'plan'
    | 'chronicle'
    | 'note'
    | 'query'
    | 'window'
    | 'connection'
    | 'ids'
    | 'counts'
    | 'tagNames'
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
  /** Of Holdline. */
  readonly version: string;
  /** Reads the spec again and applies it. */
  reload(): Promise<ReloadOutcome>;
}
