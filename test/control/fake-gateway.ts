import type { PlannedMove } from '../../src/base/move.ts';
import type {
  CloseRequest,
  EdgeMessage,
  GateState,
  Gateway,
  GatewayOptions,
  SendOutcome,
} from '../../src/gateway/contract.ts';
import { Registry } from '../../src/registry/registry.ts';
import { newTotals } from '../../src/registry/totals.ts';

/** A gateway that holds records and no sockets, and remembers what it was asked to do. */
export class FakeGateway implements Gateway {
  readonly addresses = [{ host: '127.0.0.1', port: 1234 }];
  readonly registry = new Registry();
  readonly calls: unknown[][] = [];
  readonly options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.options = options;
  }

  apply(...args: unknown[]): void {
    this.calls.push(['apply', ...args]);
  }
  setCertificates(...args: unknown[]): void {
    this.calls.push(['setCertificates', ...args]);
  }
  setServers(...args: unknown[]): void {
    this.calls.push(['setServers', ...args]);
  }
  setPeerLoads(...args: unknown[]): void {
    this.calls.push(['setPeerLoads', ...args]);
  }
  setGate(gate: GateState): void {
    this.calls.push(['setGate', gate]);
  }
  drainConnection(id: string, request: CloseRequest): boolean {
    this.calls.push(['drainConnection', id, request.code]);
    return this.registry.get(id)?.state === 'open';
  }

  moveConnection(id: string, reason: PlannedMove, request: CloseRequest): boolean {
    this.calls.push(['moveConnection', id, reason, request.code]);
    return this.registry.get(id) !== undefined;
  }
  passiveSigns() {
    return {};
  }
  closeConnection(id: string, request: CloseRequest): boolean {
    this.calls.push(['closeConnection', id, request.code]);
    return this.registry.get(id)?.state === 'open';
  }
  takeTurn(id: string): boolean {
    this.calls.push(['takeTurn', id]);
    return this.registry.get(id) !== undefined;
  }
  send(id: string, message: EdgeMessage): SendOutcome {
    this.calls.push(['send', id, message.data]);
    return 'sent';
  }
  tap(id: string, viewer: string) {
    this.calls.push(['tap', id, viewer]);
    return this.registry.get(id) === undefined ? null : { rows: [], missed: 0, ended: false };
  }
  untap(id: string, viewer: string): void {
    this.calls.push(['untap', id, viewer]);
  }
  calm(): void {}
  stopAccepting(): void {
    this.calls.push(['stopAccepting']);
  }
  get empty(): boolean {
    return this.registry.size === 0;
  }
  depart() {
    return 'closing' as const;
  }
  receive() {
    return { problem: 'it holds no sockets' };
  }
  takeFault(thrown: unknown): boolean {
    this.calls.push(['takeFault', thrown]);
    return thrown instanceof Error && thrown.message === 'known';
  }
  totals() {
    return { ...newTotals(), openByServer: { 'http://a': this.registry.size } };
  }
  originsSeen() {
    return {};
  }
  async close(request: { code: number }): Promise<void> {
    this.calls.push(['close', request.code]);
  }
}
