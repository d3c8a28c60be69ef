import { systemClock } from '../../base/clock.ts';
import { LocalDesk, type Reservation } from '../../gateway/handshake/admission-desk.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { DeskAnswer, DeskRequest } from '../workers/messages.ts';

/** The supervisor's side: one desk for the edge, and a ledger for each worker, so that a dead one's places are free again. */
export interface SharedDesk {
  apply(plan: EdgePlan): void;
  /** Does what the worker asks, in order; returns the answers to its reservations. */
  serve(worker: number, requests: readonly DeskRequest[]): DeskAnswer[];
  forget(worker: number): void;
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

  return {
    apply: (next) => desk.apply(next),
    serve(worker, requests) {
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
    },
    forget(worker) {
      for (const { reservation, places } of ledgers.get(worker)?.values() ?? []) {
        for (let i = 0; i < places; i++) desk.release(reservation);
      }
      ledgers.delete(worker);
    },
  };
}
