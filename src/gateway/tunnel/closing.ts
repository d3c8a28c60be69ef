import { closeCauses } from '../../base/close-cause.ts';
import type { ConnectionEnd } from '../../registry/record.ts';
import { encodeClose } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { closeGraceFor } from './close-grace.ts';
import { type End, verdictMs } from './fault.ts';
import { finishIfDone } from './fin.ts';
import type { Half } from './half.ts';
import type { Side } from './upkeep.ts';

export type GoneCause = 'client-gone' | 'client-reset' | 'server-gone' | 'server-reset' | 'fault';

export interface ClosingOptions {
  /** The first reason is the one that counts; what follows from it is not another. */
  readonly end: Omit<ConnectionEnd, 'closedAtMs'>;
  readonly fromClient: Half;
  readonly fromServer: Half;
  /** Monotonic. */
  readonly nowMs: number;
  /**
   * The client is told later: one at fault when its server has had its say, one whose server broke off when its turn
   * has come.
   */
  readonly waitsFor: 'server' | 'turn' | null;
}

/** What the client will be told. */
interface Verdict {
  readonly waitsFor: 'server' | 'turn';
  /** Whatever is waited for. */
  readonly dueMs: number;
}

const never = Number.POSITIVE_INFINITY;

/**
 * A connection on its way to its end, from the reason to the last closed socket: who is told what, and when what hangs
 * is cut.
 */
export class Closing {
  #end: ClosingOptions['end'];
  readonly #fromClient: Half;
  readonly #fromServer: Half;
  #cutMs: number;
  /** null when the client has been told. */
  #verdict: Verdict | null = null;

  constructor({ end, fromClient, fromServer, nowMs, waitsFor }: ClosingOptions) {
    this.#end = end;
    this.#fromClient = fromClient;
    this.#fromServer = fromServer;
    this.#cutMs = nowMs + closeGraceFor(end.cause);
    if (waitsFor === null) return;
    this.#verdict = { waitsFor, dueMs: waitsFor === 'server' ? nowMs + verdictMs : never };
    if (waitsFor === 'turn') this.#cutMs = never;
  }

  /** When to look again, monotonic. */
  get dueMs(): number {
    return Math.min(this.#cutMs, this.#verdict?.dueMs ?? never);
  }

  /** The client is going to get the edge's own close frame in place of its server's. */
  get replacesClose(): boolean {
    return this.#verdict?.waitsFor === 'server';
  }

  /** Says what is due. True when both sockets have to be cut. */
  isOver(nowMs: number): boolean {
    if (this.#verdict !== null && nowMs >= this.#verdict.dueMs) this.pronounce(nowMs);
    return nowMs >= this.#cutMs;
  }

  /** Each gets a close frame, as soon as no other frame is half sent to it. */
  tellBoth(reason: string, codes: Readonly<Record<Side, number>>): void {
    tell(this.#fromServer, codes.client, reason);
    this.tellServer(reason, codes.server);
  }

  tellServer(reason: string, code = 1001): void {
    tell(this.#fromClient, code, reason);
    this.settle();
  }

  /** This side has closed or has gone: the server has had its say, or the client need not wait for its turn. */
  spoken(side: Side, nowMs: number): void {
    if (this.#verdict?.waitsFor === (side === 'server' ? 'server' : 'turn')) this.pronounce(nowMs);
  }

  /** Tells the client what it has to be told still. */
  pronounce(nowMs: number): void {
    const verdict = this.#verdict;
    if (verdict === null) return;
    this.#verdict = null;
    if (verdict.waitsFor === 'turn') this.#cutMs = nowMs + closeGraceFor(this.#end.cause);
    if (this.#end.code !== cannotBeTold) tell(this.#fromServer, this.#end.code, this.#end.reason);
    this.settle();
  }

  /** The server is lost, with many of its connections: the client waits for its turn. */
  lost(): void {
    const { code, means } = closeCauses['server-lost'];
    const told = this.#end.code !== cannotBeTold;
    this.#end = { ...this.#end, cause: 'server-lost', code: told ? code : cannotBeTold, reason: told ? means : '' };
    this.#fromServer.source.end();
  }

  /** Finishes our side toward each endpoint to which nothing is left to say, and from which nothing is awaited. */
  settle(): void {
    if (this.#verdict?.waitsFor === 'turn') return;
    finishIfDone(this.#fromClient, this.#fromServer);
    finishIfDone(this.#fromServer, this.#fromClient);
  }

  /** Both sockets are closed. */
  closed(closedAtMs: number): ConnectionEnd {
    this.#cutMs = never;
    return { ...this.#end, closedAtMs };
  }
}

/** A close frame to the target of a half. */
export function tell(half: Half, code: number, reason: string): void {
  half.insertClose(encodeClose({ code, reason, mask: half.from === 'client' ? nextMask() : null }));
}

/** No close frame could be sent (RFC 6455, 7.1.5). */
const cannotBeTold = 1006;

/**
 * How a connection ends whose source is gone without a close frame: no code has been sent when the other side cannot be
 * told.
 */
export function goneEnd(cause: GoneCause, canBeTold: boolean): End {
  const { by, code, means } = closeCauses[cause];
  return canBeTold ? { by, cause, code, reason: means } : { by, cause, code: cannotBeTold, reason: '' };
}
