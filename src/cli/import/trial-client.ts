/** Sends one request of a table and reads the head of its answer. */
import net from 'node:net';
import tls from 'node:tls';
import type { ProvedRequest } from '../../nginx/import/model.ts';
import { type SeenRequest, seenHeader } from './trial-servers.ts';

export interface TableAnswer {
  readonly status: number;
  /** What the server behind saw; null when the request did not get there. */
  readonly seen: SeenRequest | null;
  /** Of the answer, in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Neither end is far, so that an answer that takes longer is none. */
const patienceMs = 10_000;

export function askPort(port: number, request: ProvedRequest): Promise<TableAnswer> {
  return new Promise((resolve, reject) => {
    const socket =
      request.scheme === 'https'
        ? tls.connect({ port, host: '127.0.0.1', servername: request.host, rejectUnauthorized: false })
        : net.connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    socket.on('error', reject);
    socket.once('end', () => reject(new Error(`no whole head: ${text.slice(0, 200)}`)));
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.destroy();
      resolve(answerFrom(text.slice(0, end)));
    });
    socket.write(headOf(request));
  });
}

function headOf({ kind, host, path, query, origin }: ProvedRequest): string {
  const target = query === '' ? path : `${path}?${query}`;
  const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'User-Agent: holdline', 'Cookie: session=7', 'X-Own: kept'];
  if (kind === 'websocket')
    lines.push(
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: chat',
    );
  if (origin !== null) lines.push(`Origin: ${origin}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function answerFrom(head: string): TableAnswer {
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const seen = headers.find(([name]) => name === seenHeader)?.[1];
  return {
    status: Number(first.split(' ')[1]),
    seen: seen === undefined ? null : (JSON.parse(Buffer.from(seen, 'base64').toString()) as SeenRequest),
    headers: headers.filter(([name]) => name !== seenHeader),
  };
}
