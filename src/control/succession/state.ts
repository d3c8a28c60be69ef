/**
 * What a supervisor tells the one that follows it: a table of fields, each with the version that brought it
 * (gateway/handover/fields.ts). What has happened (history, events, the charts) travels beside it, in pieces. Plan and
 * certificates do not travel: whoever follows reads the spec itself, as its own version understands it.
 */

import type { GateState } from '../../gateway/contract.ts';
import {
  type Fields,
  isBytes,
  isFlag,
  isNumber,
  isObject,
  isText,
  listOf,
  orNull,
  shape,
  type Versions,
} from '../../gateway/handover/fields.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { Totals } from '../../registry/totals.ts';
import type { KeptSession } from '../access/access.ts';
import type { HeldPlaces, KeptPlaces } from '../desk/shared.ts';
import type { KeptDrain, KeptDrains } from '../drain/job.ts';
import type { KeptGroup, KeptInstance } from '../managed/state.ts';
import type { KeptAddresses } from '../names/addresses.ts';
import type { KeptSweep } from '../servers/desk.ts';
import type { KeptServer } from '../servers/entry.ts';
import type { BoundAddress } from '../workers/messages.ts';
import type { NotedWorker } from './protocol.ts';

export interface SupervisorState {
  /** Of Holdline, for people. */
  readonly from: string;
  readonly startedAtMs: number;
  /** What runs, to be held against the spec as it is on disk. */
  readonly plan: EdgePlan;
  /** Where the edge listens, in the order of the plan. */
  readonly addresses: readonly BoundAddress[];
  /** Where the control API answers; a port of 0 is filled in. */
  readonly control: BoundAddress;
  readonly workers: readonly NotedWorker[];
  /** What workers have counted that are gone. */
  readonly goneTotals: Totals;
  readonly workerRestarts: number;
  /** Of sticky cookies: a cookie is good whoever reads it. */
  readonly stickyKey: string;
  /** Of session tickets. */
  readonly ticketSecret: Uint8Array;
  readonly gate: GateState;
  readonly servers: readonly KeptServer[];
  readonly sweeps: readonly KeptSweep[];
  readonly drains: KeptDrains;
  readonly addressesOfNames: readonly KeptAddresses[];
  readonly managed: readonly KeptGroup[];
  readonly places: readonly KeptPlaces[];
  readonly sessions: readonly KeptSession[];
  /** Of the exchange of the workers that follows; null for as fast as it goes. */
  readonly perSecond: number | null;
}

/** The state that this version writes, and the oldest that it reads: that of the version before. */
export const supervisorVersions: Versions = { oldest: 1, newest: 1 };

const isAddress = shape<Pick<BoundAddress, 'host' | 'port'>>({ host: isText, port: isNumber }) as (
  value: unknown,
) => value is BoundAddress;
const isServer = (value: unknown): value is KeptServer['spec'] => isObject(value) && isText(value.url);
const isKnown = <Value extends object>(value: unknown): value is Value => isObject(value);

const isWorker = shape<NotedWorker>({
  child: isText,
  startedAtMs: isNumber,
  version: isText,
  reads: shape<Versions>({ oldest: isNumber, newest: isNumber }),
  report: orNull(isKnown<NonNullable<NotedWorker['report']>>),
  leaving: isFlag,
});
const isInstance = shape<KeptInstance>({
  child: orNull(isText),
  index: isNumber,
  generation: isNumber,
  port: isNumber,
  url: orNull(isText),
  restarts: isNumber,
});
const isGroup = shape<KeptGroup>({
  upstream: isText,
  generation: isNumber,
  wanted: isNumber,
  started: isKnown<KeptGroup['started']>,
  serving: listOf(isInstance),
  leaving: listOf(isInstance) as (value: unknown) => value is KeptGroup['leaving'],
  restart: orNull(isKnown<NonNullable<KeptGroup['restart']>>),
  restarts: isKnown<KeptGroup['restarts']>,
  scalings: isKnown<KeptGroup['scalings']>,
});
const isDrain = shape<KeptDrain>({
  id: isText,
  request: isKnown<KeptDrain['request']>,
  order: isText as (value: unknown) => value is KeptDrain['order'],
  pace: isKnown<KeptDrain['pace']>,
  startedAtMs: isNumber,
  waiting: listOf(isKnown<KeptDrain['waiting'][number]>),
  told: isFlag,
});

/**
 * The whole state, field by field. A field that is added gets the next version in `since`, and `absent` for states that
 * come without it.
 */
export const supervisorFields: Fields<SupervisorState> = {
  from: { since: 1, is: isText },
  startedAtMs: { since: 1, is: isNumber },
  plan: { since: 1, is: isKnown<EdgePlan> },
  addresses: { since: 1, is: listOf(isAddress) },
  control: { since: 1, is: isAddress },
  workers: { since: 1, is: listOf(isWorker) },
  goneTotals: { since: 1, is: isKnown<Totals> },
  workerRestarts: { since: 1, is: isNumber },
  stickyKey: { since: 1, is: isText },
  ticketSecret: { since: 1, is: isBytes },
  gate: {
    since: 1,
    is: shape<GateState>({ closed: isFlag, routes: listOf(isText), spreadSeconds: isNumber }),
  },
  servers: {
    since: 1,
    is: listOf(
      shape<KeptServer>({
        upstream: isText,
        spec: isServer,
        origin: isText as (value: unknown) => value is KeptServer['origin'],
        listed: isFlag,
        draining: isFlag,
        leaving: orNull(isText),
        connections: isNumber,
        status: isKnown<KeptServer['status']>,
        statusSinceMs: isNumber,
        well: isFlag,
        passed: isFlag,
      }),
    ),
  },
  sweeps: {
    since: 1,
    is: listOf(
      shape<KeptSweep>({ upstream: isText, url: isText, pace: isKnown<KeptSweep['pace']>, drain: orNull(isText) }),
    ),
  },
  drains: {
    since: 1,
    is: shape<KeptDrains>({ lastNumber: isNumber, monotonicMs: isNumber, jobs: listOf(isDrain) }),
  },
  addressesOfNames: {
    since: 1,
    is: listOf(shape<KeptAddresses>({ upstream: isText, written: listOf(isServer), servers: listOf(isServer) })),
  },
  managed: { since: 1, is: listOf(isGroup) },
  places: {
    since: 1,
    is: listOf(
      shape<KeptPlaces>({
        worker: isNumber,
        places: listOf(shape<HeldPlaces>({ route: isText, clientAddress: isText, places: isNumber })),
      }),
    ),
  },
  sessions: {
    since: 1,
    is: listOf(shape<KeptSession>({ digest: isText, visitor: isKnown<KeptSession['visitor']>, untilMs: isNumber })),
  },
  perSecond: { since: 1, is: orNull(isNumber) },
};
