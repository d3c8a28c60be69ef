import { HoldlineError } from '../base/error.ts';
import { type GateState, openGate } from '../gateway/contract.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import { gateSpreadSeconds } from '../policy/drain/gate.ts';
import type { EdgeEventSink } from './log/notices.ts';

/** The gates of the edge: one for all of it, and one for each route. */
export interface Gates {
  state(): GateState;
  /** Throws `route-unknown`. */
  set(gate: { readonly route: string | null; readonly closed: boolean }): GateState;
  /** As another supervisor had them. */
  restore(gate: GateState): void;
  /** A route that is gone takes its gate with it. */
  apply(plan: EdgePlan): void;
}

export interface GatesOptions {
  readonly plan: EdgePlan;
  /** Connections that are open now. */
  readonly clients: () => number;
  readonly onEvent: EdgeEventSink;
  readonly onChange: (gate: GateState) => void;
}

export function edgeGates(options: GatesOptions): Gates {
  let { plan } = options;
  let state = openGate;

  function become(next: Omit<GateState, 'spreadSeconds'>): void {
    const shut = next.closed || next.routes.length > 0;
    const wasShut = state.closed || state.routes.length > 0;
    // As many as there were when the first gate closed; later there may be nobody left to count.
    const spreadSeconds = !shut
      ? 0
      : wasShut
        ? state.spreadSeconds
        : gateSpreadSeconds(options.clients(), plan.drain.budgetPerSecond);
    state = { ...next, spreadSeconds };
    options.onChange(state);
  }

  return {
    state: () => state,
    set({ route, closed }) {
      if (route !== null && !plan.routes.some(({ name }) => name === route))
        throw new HoldlineError('route-unknown', `no route is called "${route}"`);
      const others = state.routes.filter((name) => name !== route);
      const before = JSON.stringify(state);
      if (route === null) become({ ...state, closed });
      else become({ closed: state.closed, routes: closed ? [...others, route] : others });
      if (JSON.stringify(state) !== before) options.onEvent({ kind: 'gate', route, closed });
      return state;
    },
    restore(gate) {
      const routes = gate.routes.filter((name) => plan.routes.some((route) => route.name === name));
      state = { ...gate, routes };
      options.onChange(state);
    },
    apply(next) {
      plan = next;
      const names = new Set(next.routes.map(({ name }) => name));
      const routes = state.routes.filter((name) => names.has(name));
      if (routes.length < state.routes.length) become({ closed: state.closed, routes });
    },
  };
}
