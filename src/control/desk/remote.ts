import type { AdmissionDesk, Reservation } from '../../gateway/handshake/admission-desk.ts';
import { needsDesk } from '../../gateway/handshake/admission-desk.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { AdmissionDecision } from '../../policy/admission/admission.ts';
import type { DeskAnswer, DeskRequest, ToSupervisor } from '../workers/messages.ts';

/** A worker's side of the one desk that the supervisor keeps for all of them. */
export interface RemoteDesk extends AdmissionDesk {
  answered(answers: readonly DeskAnswer[]): void;
}

/**
 * How long a count that nobody decides by may wait, so that a crowd's comings and goings travel together, and short
 * lives not at all.
 */
const countEveryMs = 100;
/**
 * More handshakes than this waiting for the supervisor means that it stands still; the next ones are refused at once.
 */
const waitingMax = 8192;
/** The supervisor answers within a millisecond or two; a second is a machine in distress, and then less is admitted. */
const answerTimeoutMs = 1000;

const busy: AdmissionDecision = {
  admitted: false,
  outcome: 'overload',
  status: 503,
  retryAfterSeconds: 15,
  detail: 'the supervisor did not answer in time',
};

/**
 * Asks for each handshake that something counted over all workers concerns; what is asked within one turn of the event
 * loop leaves as one message. Counts the others, a moment later, so that a reload that sets a cap finds them.
 */
export function remoteDesk(options: { plan: EdgePlan; post: (message: ToSupervisor) => void }): RemoteDesk {
  let plan = options.plan;
  let routes = routesOf(plan);
  let requests: DeskRequest[] = [];
  const uncounted = new Map<string, Reservation & { places: number }>();
  let counting: NodeJS.Timeout | null = null;
  let lastId = 0;
  const waiting = new Map<
    number,
    { settle: (decision: AdmissionDecision) => void; timer: NodeJS.Timeout; reservation: Reservation }
  >();

  function request(next: DeskRequest): void {
    if (requests.length === 0) setImmediate(flush);
    requests.push(next);
  }

  function flush(): void {
    options.post({ kind: 'desk', requests });
    requests = [];
  }

  /** One more or one less where nobody decides by it; at once where somebody does. */
  function count(reservation: Reservation, places: 1 | -1): void {
    const { route, clientAddress } = reservation;
    if (decides(route)) {
      request({ kind: 'count', route, clientAddress, places });
      return;
    }
    const key = `${route} ${clientAddress}`;
    const known = uncounted.get(key);
    if (known === undefined) uncounted.set(key, { route, clientAddress, places });
    else known.places += places;
    counting ??= setTimeout(countAll, countEveryMs);
  }

  function countAll(): void {
    clearTimeout(counting ?? undefined);
    counting = null;
    for (const each of uncounted.values()) if (each.places !== 0) request({ kind: 'count', ...each });
    uncounted.clear();
  }

  function decides(name: string): boolean {
    const route = routes.get(name);
    return route === undefined || needsDesk(plan, route);
  }

  return {
    apply(next) {
      countAll();
      plan = next;
      routes = routesOf(next);
    },
    reserve(reservation, purpose) {
      if (!decides(reservation.route)) {
        count(reservation, 1);
        return { admitted: true };
      }
      if (waiting.size >= waitingMax) return busy;
      return new Promise((resolve) => {
        const id = ++lastId;
        const timer = setTimeout(() => {
          waiting.delete(id);
          resolve(busy);
        }, answerTimeoutMs);
        waiting.set(id, { settle: resolve, timer, reservation });
        request({ kind: 'reserve', id, purpose, ...only(reservation) });
      });
    },
    note: (reservation) => count(reservation, 1),
    release: (reservation) => count(reservation, -1),
    answered(answers) {
      for (const { id, route, clientAddress, decision } of answers) {
        const asked = waiting.get(id);
        if (asked !== undefined) {
          waiting.delete(id);
          clearTimeout(asked.timer);
          asked.settle(decision);
        } else if (decision.admitted) {
          // Too late: nobody holds this place.
          request({ kind: 'count', route, clientAddress, places: -1 });
        }
      }
    },
  };
}

function routesOf(plan: EdgePlan): ReadonlyMap<string, RouteSpec> {
  return new Map(plan.routes.map((route) => [route.name, route]));
}

/** A connection is a reservation, and much more that must not travel. */
function only({ route, clientAddress }: Reservation): Reservation {
  return { route, clientAddress };
}
