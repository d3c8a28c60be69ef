/** What a protocol over WebSocket wants said before anything else, so that a server does not throw the client out. */
import type { InboxEvent } from './connection/inbox.ts';

/** A text or binary message, as inboxes and connections tell of it. */
type Heard = Pick<InboxEvent, 'kind'> & { readonly data?: Uint8Array };

export interface Opening {
  /** Sent as soon as the connection is open; null when the server speaks first. */
  readonly send: string | Uint8Array | null;
  /** A message that holds this text has to come back; null waits for nothing. */
  readonly expect: string | null;
  /** Offered when the caller offers none. */
  readonly subprotocol: string | null;
}

/** MQTT 3.1.1: CONNECT of a client "holdline" with a clean session and a keepalive of a minute (OASIS MQTT, 3.1). */
const mqttConnect = Buffer.from([
  ...[0x10, 20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 8],
  ...Buffer.from('holdline'),
]);

export const openings = {
  'graphql-ws': { send: '{"type":"connection_init"}', expect: '"connection_ack"', subprotocol: 'graphql-transport-ws' },
  'socket.io': { send: '40', expect: '40', subprotocol: null },
  signalr: { send: '{"protocol":"json","version":1}\u001e', expect: '{}\u001e', subprotocol: null },
  mqtt: { send: mqttConnect, expect: '\u0020\u0002', subprotocol: 'mqtt' },
  stomp: {
    send: 'CONNECT\naccept-version:1.2,1.1,1.0\nhost:localhost\n\n\0',
    expect: 'CONNECTED',
    subprotocol: 'v12.stomp',
  },
  phoenix: { send: '[null,"1","phoenix","heartbeat",{}]', expect: '"ok"', subprotocol: null },
  'action-cable': { send: null, expect: '"welcome"', subprotocol: 'actioncable-v1-json' },
} as const satisfies Readonly<Record<string, Opening>>;

export type OpeningName = keyof typeof openings;

/** `graphql-ws`, or a text that is sent as it is. */
export function readOpening(first: string | undefined, expect: string | undefined): Opening | null {
  if (first === undefined && expect === undefined) return null;
  const known = first !== undefined && Object.hasOwn(openings, first) ? openings[first as OpeningName] : null;
  const opening: Opening = known ?? { send: first ?? null, expect: null, subprotocol: null };
  return expect === undefined ? opening : { ...opening, expect };
}

/** True when the event is the message that was waited for. */
export function answersOpening(event: Heard, { expect }: Opening): boolean {
  if ((event.kind !== 'text' && event.kind !== 'binary') || event.data === undefined) return false;
  return expect === null || Buffer.from(event.data).toString('latin1').includes(Buffer.from(expect).toString('latin1'));
}
