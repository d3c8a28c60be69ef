import { systemClock } from '../../base/clock.ts';
import { LocalDesk, type Reservation } from '../../gateway/handshake/admission-desk.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { DeskAnswer, DeskRequest } from '../workers/messages.ts';

/**
 * The supervisor's side: one desk for the edge, and a ledger for each worker, so that a dead one's places are free
 * again.
 */
export interface SharedDesk {
  apply(plan: EdgePlan): void;
  /** Does what the worker asks, in order; returns the answers to its reservations. */
  serve(worker: number, requests: readonly DeskRequest[]): DeskAnswer[];
  forget(worker: number): void;
  /** What each worker holds. */
  kept(): KeptPlaces[];
  /** What a worker holds is this, whatever was counted before. */
  recount(worker: number, places: readonly HeldPlaces[]): void;
}

/** So many places of a route and a client's address. */
export interface HeldPlaces extends Reservation {
  readonly places: number;
}

export interface KeptPlaces {
  readonly worker: number;
  readonly places: readonly HeldPlaces[];
}

export function sharedDesk(plan: EdgePlan): SharedDesk {
  const desk = new LocalDesk({ plan, clock: systemClock, random: Math.random });
  /** By worker: how many places of which route and address it holds. */
  const ledgers = new Map<number, Map<string, { readonly reservation: Reservation; places: number }>>();

  function enter(worker: number, reservation: Reservation, change: number): void {
    const ledger = ledgers.get(worker) ?? new Map<string, { reservation: Reservation; places: number }>();
    ledgers.set(worker, ledger);
    const key = `${reservation.route} ${reservation.clientAddress}`;
    const entry = ledger.get(key) ?? { reservation, places: 0 };
    entry.places += change;
    if (entry.places > 0) ledger.set(key, entry);
    else ledger.delete(key);
  }

  function serve(worker: number, requests: readonly DeskRequest[]): DeskAnswer[] {
    const answers: DeskAnswer[] = [];
    for (const request of requests) {
      const reservation = { route: request.route, clientAddress: request.clientAddress };
      if (request.kind === 'reserve') {
        const decision = desk.reserve(reservation, request.purpose);
        if (decision.admitted) enter(worker, reservation, 1);
        answers.push({ id: request.id, ...reservation, decision });
      } else {
        const { places } = request;
        for (let i = 0; i < places; i++) desk.note(reservation);
        for (let i = 0; i > places; i--) desk.release(reservation);
        enter(worker, reservation, places);
      }
    }
    return answers;
  }

  function forget(worker: number): void {
    for (const { reservation, places } of ledgers.get(worker)?.values() ?? []) {
      for (let i = 0; i < places; i++) desk.release(reservation);
    }
    ledgers.delete(worker);
  }

  return {
    apply: (next) => desk.apply(next),
    serve,
    forget,
    kept: () =>
      [...ledgers].map(([worker, ledger]) => ({
        worker,
        places: [...ledger.values()].map(({ reservation, places }) => ({ ...reservation, places })),
      })),
    recount(worker, places) {
      forget(worker);
      serve(
        worker,
        places.map((each) => ({ kind: 'count', ...each })),
      );
    },
  };
}
