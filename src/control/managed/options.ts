import type { ManagedSpec, UpstreamSpec } from '../../plan/edge/plan.ts';
import type { CheckState } from '../../policy/health/check.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { Children } from '../processes/child.ts';
import type { ManagedServer } from '../servers/entry.ts';

export interface ManagedGroupOptions {
  /** What the directories in the plan are relative to. */
  readonly directory: string;
  readonly children: Children;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly onEvent: EdgeEventSink;
  readonly onServers: (upstream: string, servers: readonly ManagedServer[]) => void;
  /** What the health checks say of a server; null without any. */
  readonly checkOf: (upstream: string, url: string) => CheckState | null;
  /**
   * Drains what a server holds that takes no new connections any more; resolves when that has ended, one way or the
   * other.
   */
  readonly drain: (upstream: string, url: string) => Promise<'done' | 'cancelled'>;
}

export type ManagedUpstream = UpstreamSpec & { readonly managed: ManagedSpec };
