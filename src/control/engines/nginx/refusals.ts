/** What nginx cannot do, said where it is asked for. The parts are those of every engine; what they list is empty. */
import { HoldlineError } from '../../../base/error.ts';
import { openGate } from '../../../gateway/contract.ts';
import { noUpgrade } from '../../handover/upgrade.ts';
import type { Answering } from '../../workers/question-answers.ts';
import type { Engine } from '../engine.ts';

function cannot(what: string): never {
  throw new HoldlineError('engine-cannot', `nginx ${what}`);
}

const noFrames = 'sends no close frame, and ends no single connection';

export const connectionRefusals: Pick<
  Answering,
  'takeTurn' | 'tap' | 'untap' | 'closeConnection' | 'drainConnection' | 'moveConnection' | 'send'
> = {
  tap: () => cannot('does not look into a WebSocket: there is nothing to tap'),
  untap: () => undefined,
  takeTurn: () => false,
  closeConnection: () => cannot(noFrames),
  drainConnection: () => cannot(noFrames),
  moveConnection: () => cannot('moves no connection'),
  send: () => cannot('puts no message into a connection'),
};

export const deskRefusals: Pick<
  Engine,
  'rebalances' | 'drains' | 'gates' | 'upgrade' | 'even' | 'restart' | 'instances' | 'managed'
> = {
  rebalances: { rebalance: async () => cannot('moves and closes no connection, so nothing can be rebalanced') },
  drains: {
    start: async () => cannot(noFrames),
    rows: () => [],
    get: () => undefined,
    cancel: () => undefined,
  },
  gates: { state: () => openGate, set: () => cannot('has no gate that closes without a reload') },
  upgrade: {
    start: () => cannot('is not exchanged under its connections: a new version of it starts with the next start'),
    state: () => noUpgrade,
    cancel: () => cannot('has no exchange under way'),
  },
  even: async () => cannot('moves no connection from one worker to another'),
  restart: () => cannot('has no servers that Holdline starts'),
  instances: () => [],
  managed: () => [],
};

export const serverRefusals: Omit<Engine['servers'], 'rows'> = {
  add: () => cannot('takes servers from the spec alone: write it there, and reload'),
  drain: async () => cannot(noFrames),
  undrain: () => cannot('has no draining servers'),
  remove: async () => cannot('takes servers from the spec alone: take it out there, and reload'),
};
