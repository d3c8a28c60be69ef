import type { Socket } from 'node:net';
import { hopHeaders, nominatedBy } from '../../base/hop-headers.ts';
import { bodyLength, createBodyReader } from '../../ws/body.ts';
import type { AnswerHead } from '../../ws/head.ts';
import { linger } from './refusal.ts';

export interface RelayedRefusal {
  readonly client: Socket;
  readonly server: Socket;
  readonly head: AnswerHead;
  /** The beginning of the body, read together with the head. */
  readonly rest: Buffer;
  /** The refusal has to be through by then; a body that never ends is cut. */
  readonly timeoutMs: number;
}

/** Refusals are pages and short JSON; one that is longer is cut, so that nobody can stream through a failed handshake. */
const bodyBytesMax = 1_048_576;

/** Passes a server's refusal on to the client as it is, but for the Connection header: both connections end with it. */
export function relayRefusal(refusal: RelayedRefusal): void {
  const { client, server, head, rest } = refusal;
  const length = bodyLength(head);
  const reader = length.kind === 'violation' ? null : createBodyReader(length);
  let bodyBytes = 0;

  const finish = () => {
    clearTimeout(timer);
    server.destroy();
    client.end();
    linger(client);
  };
  const take = (chunk: Buffer) => {
    const step = reader?.push(chunk) ?? { state: 'violation' as const };
    const passing = step.state === 'done' ? chunk.subarray(0, step.endAt) : chunk;
    bodyBytes += passing.length;
    if (step.state === 'violation' || bodyBytes > bodyBytesMax) {
      finish();
      return;
    }
    if (!client.write(passing)) {
      server.pause();
      client.once('drain', () => server.resume());
    }
    if (step.state === 'done') finish();
  };

  const timer = setTimeout(finish, refusal.timeoutMs);
  client.on('error', finish);
  server.on('error', finish);
  server.on('end', finish);
  client.write(headText(head), 'latin1');
  server.on('data', take);
  take(rest);
  if (!server.destroyed) server.resume();
}

/** The body goes on as it is framed, and a 426 or 407 says with these what it wants. */
const kept: ReadonlySet<string> = new Set(['transfer-encoding', 'trailer', 'upgrade', 'proxy-authenticate']);

function headText(head: AnswerHead): string {
  const nominated = nominatedBy(head.rawHeaders);
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  for (let i = 0; i + 1 < head.rawHeaders.length; i += 2) {
    const name = head.rawHeaders[i]!;
    const lower = name.toLowerCase();
    if (nominated?.has(lower) || (hopHeaders.has(lower) && !kept.has(lower))) continue;
    text += `${name}: ${head.rawHeaders[i + 1]}\r\n`;
  }
  return `${text}Connection: close\r\n\r\n`;
}
