/**
 * Message mode: what a route with `hooks: { messages: on }` does differently at the handshake, and how a message is put
 * to onMessage.
 */

import zlib from 'node:zlib';
import { createDeflate, type DeflateState } from '../../ws/deflate.ts';
import { answerDeflate } from '../../ws/deflate-offer.ts';
import { formatExtensions } from '../../ws/extension.ts';
import type { Handshake } from '../../ws/handshake.ts';
import { hookConnection } from '../hooks/life.ts';
import type { MessageResult } from '../hooks/results.ts';
import type { HookMessage } from '../hooks/types.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import type { Connection } from '../tunnel/connection.ts';
import type { WorkerState } from '../worker-state.ts';
import type { AskAboutMessage, MessageMode } from './treatment.ts';

/**
 * Does a connection that is opened now run in message mode? Without an onMessage there is nobody to look at its
 * messages.
 */
export function runsInMessageMode(worker: WorkerState, route: LiveRoute): boolean {
  return route.spec.hooks?.messages === true && worker.hooks.has('onMessage');
}

/**
 * Agrees with the client on permessage-deflate, as its server, and writes the agreement into the server's answer. The
 * server was offered nothing: it is near, and compressing for it would cost more than it saves.
 */
export function agreeOnDeflate(
  handshake: Handshake,
  messageBytesMax: number,
  answer: Buffer,
): { readonly answer: Buffer; readonly codec: MessageMode['codec'] } {
  const agreed = answerDeflate(handshake.extensions);
  if (agreed === null) return { answer, codec: null };
  const header = Buffer.from(`Sec-WebSocket-Extensions: ${formatExtensions([agreed.answer])}\r\n`, 'latin1');
  const statusLineEnd = answer.indexOf(0x0a) + 1;
  return {
    answer: Buffer.concat([answer.subarray(0, statusLineEnd), header, answer.subarray(statusLineEnd)]),
    codec: createDeflate({ zlib, agreement: agreed.agreement, role: 'server', messageBytesMax }),
  };
}

/** What another process has compressed and inflated with, for this one to go on with. */
export function continuedDeflate(state: DeflateState, messageBytesMax: number): NonNullable<MessageMode['codec']> {
  return createDeflate({ zlib, agreement: state.agreement, role: 'server', messageBytesMax, windows: state });
}

const pass: MessageResult = { kind: 'pass' };
/** 1011: the fault is the edge's (RFC 6455, 7.4.1), and a client may well try again. */
const failed: MessageResult = { kind: 'close', code: 1011, reason: 'a hook failed' };

/** How a connection's messages are treated: put to onMessage, in turns with those of all others. */
export function messageMode(
  worker: WorkerState,
  codec: MessageMode['codec'],
  connection: () => Connection,
): MessageMode {
  return {
    codec,
    ask: askOnMessage(worker, connection),
    turns: worker.messageTurns,
    store: worker.messageStore,
  };
}

/** Puts messages to onMessage under the settings that its route has at the moment. */
function askOnMessage(worker: WorkerState, connection: () => Connection): AskAboutMessage {
  return (from, { data, isWanted }) => {
    const { route } = connection();
    const settings = worker.routes.byName.get(route)?.spec.hooks ?? null;
    // A reload may have taken the hook away; the connection stays.
    if (settings?.messages !== true || !worker.hooks.has('onMessage')) return pass;
    const message = (): HookMessage => ({ connection: hookConnection(connection()), from, data: data() });
    return worker.hooks
      .call('onMessage', () => [message()] as const, { route, deadlineMs: settings.deadlineMs, isWanted })
      .then((outcome) => (outcome.ok ? outcome.result : settings.onFailure === 'pass' ? pass : failed));
  };
}
