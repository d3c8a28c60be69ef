/** A URL as the request that a browser would make of it. */

import type { ClientRequest } from './model.ts';

/** Null for what is no address of ws, wss, http or https. */
export function requestFor(url: string): ClientRequest | null {
  if (!/^(?:wss?|https?):\/\/[^/?#]/i.test(url) || !URL.canParse(url)) return null;
  const { protocol, host, hostname, port, pathname, search } = new URL(url);
  const isWebSocket = protocol.startsWith('ws');
  const scheme = protocol === 'wss:' || protocol === 'https:' ? 'https' : 'http';
  const origin = `${scheme}://${host}`;
  return {
    method: 'GET',
    scheme,
    host: port === '' ? hostname : host,
    port: port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
    path: pathname,
    query: search.slice(1),
    headers: isWebSocket ? [...handshake, ['Origin', origin], ...usual] : [['Connection', 'keep-alive'], ...usual],
  };
}

const handshake: ClientRequest['headers'] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', '(the client’s)'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Extensions', 'permessage-deflate'],
];

const usual: ClientRequest['headers'] = [
  ['User-Agent', '(the client’s)'],
  ['Cookie', '(the client’s)'],
];
