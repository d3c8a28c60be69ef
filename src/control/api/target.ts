import type { ServerChange } from '../edge/save.ts';
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
    | 'tap'
    | 'untap'
    | 'originsSeen'
    | 'closeConnections'
    | 'send'
    | 'totals'
    | 'workers'
    | 'workerRestarts'
    | 'silentWorkers'
    | 'instances'
    | 'managed'
    | 'restart'
    | 'servers'
    | 'rebalances'
    | 'drains'
    | 'gates'
    | 'even'
    | 'upgrade'
  > {
  /** Of Holdline. */
  readonly version: string;
  /** Reads the spec again and applies it. */
  reload(): Promise<ReloadOutcome>;
  /** Writes a server into the spec, or takes it out of it. Rejects with `server-not-saved`. */
  save(change: ServerChange): Promise<void>;
}
