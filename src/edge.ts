/**
 * The edge in one's own process: `startEdge(spec)` starts it, and the handle that comes back sees and steers every
 * connection.
 */
export type { CloseCause, CloseParty } from './base/close-cause.ts';
export { closeCauses } from './base/close-cause.ts';
export type { Diagnostic } from './base/diagnostic.ts';
export type { DrainOrder } from './base/drain.ts';
export { HoldlineError } from './base/error.ts';
export type { HandshakeOutcome } from './base/handshake-outcome.ts';
export type { ApplyOutcome } from './control/change/apply.ts';
export type { DrainRow } from './control/drain/job.ts';
export type { Edge, EdgeOptions, Which } from './control/edge/edge.ts';
export { InvalidSpecError } from './control/edge/invalid-spec.ts';
export { startEdge } from './control/edge/start.ts';
export type { DrainHow, ServerDrainHow, ServerSteering } from './control/edge/steering.ts';
export type * from './control/log/events.ts';
export type { EdgeEvent, Notice } from './control/log/notices.ts';
export type { InstanceState, ManagedState, RestartState } from './control/managed/state.ts';
export type { ServerDrained } from './control/servers/desk.ts';
export type { ServerRow } from './control/servers/entry.ts';
export type { BoundAddress, WorkerHealth } from './control/workers/messages.ts';
export type { WorkerStatus } from './control/workers/state.ts';
export type { EdgeMessage, GateState, HandshakeRefusal, SendOutcome } from './gateway/contract.ts';
export type { SocketsWay } from './gateway/tunnel/sockets-way.ts';
export type { EdgePlan, EdgePlanLimits, Reason } from './plan/edge/model.ts';
export type { CountField } from './registry/counts.ts';
export type { ConnectionFilter } from './registry/filter.ts';
export type { EndedRecord } from './registry/history/ended.ts';
export type { OriginsSeen, SeenOrigin } from './registry/origins-seen.ts';
export type { Page, PageRequest } from './registry/query.ts';
export type { ConnectionRow } from './registry/row.ts';
export type { BucketCounts, RouteTotals, Totals } from './registry/totals.ts';
export type * from './spec/model.ts';
export type { SpecInput } from './spec/read.ts';
export { defineConfig } from './spec/read.ts';
