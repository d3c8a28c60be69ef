/** How a client of the load dials, and the words for what became of it. */
import type { ClientConnection, ClientConnectionEnd, ConnectionEvent } from '../../client/connection/connection.ts';
import type { ClientDialResult } from '../../client/dial/dial.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { type Opening, readOpening } from '../../client/opening.ts';
import type { Client } from './client.ts';
import type { LoadSettings } from './messages.ts';

/** Room for four messages, and at least for what a socket takes at once: enough to be busy, and bounded. */
const sendBufferBytesMin = 1024 * 1024;

export function dialOptions(
  settings: LoadSettings,
  client: Client,
  signal: AbortSignal,
  handlers: {
    readonly onEvent: (client: Client, connection: ClientConnection, event: ConnectionEvent) => void;
    readonly onEnd: (client: Client, connection: ClientConnection, end: ClientConnectionEnd) => void;
  },
): DialOptions {
  const { address, sources } = settings;
  const source = sources[client.index % Math.max(1, sources.length)];
  return {
    origin: settings.origin,
    subprotocols:
      settings.subprotocols.length > 0 ? settings.subprotocols : [openingOf(settings)?.subprotocol ?? []].flat(),
    rawHeaders: settings.rawHeaders,
    sendBufferBytesMax: Math.max(sendBufferBytesMin, 4 * (settings.messageBytesMax + 16)),
    resolve: () => address,
    ...(source === undefined ? {} : { localAddress: source }),
    ...(settings.insecure ? { tls: insecureTls } : {}),
    ...(settings.compress ? { deflate: anyDeflate } : {}),
    signal,
    onEvent: (connection, event) => handlers.onEvent(client, connection, event),
    onEnd: (connection, end) => handlers.onEnd(client, connection, end),
  };
}

/** What each connection says first, or null. */
export function openingOf({ first, expect }: Pick<LoadSettings, 'first' | 'expect'>): Opening | null {
  return readOpening(first ?? undefined, expect ?? undefined);
}

/** One object for all dials, so that they share a TLS context. */
const insecureTls = { insecure: true } as const;
/** What browsers offer. */
const anyDeflate = { clientMaxWindowBits: null } as const;

export function failureReason(result: Extract<ClientDialResult, { ok: false }>): string {
  const { failure } = result;
  const status = failure.phase === 'upgrade' ? ` ${failure.answer.status}` : '';
  return `${failure.phase}: ${failure.code}${status}`;
}

export function endReason(end: ClientConnectionEnd): string {
  if (end.violation !== null) return `protocol violation: ${end.violation}`;
  if (end.received !== null) return `close ${end.code}`;
  return end.socket.how === 'error' ? end.socket.code : 'ended without a close frame';
}
