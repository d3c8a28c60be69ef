import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly sentence: string;
  /** Name, value, name, value … */
  readonly headers?: readonly string[];
  /** Instead of the sentence. */
  readonly body?: Uint8Array | null;
}

/** How long a client whose body is not wanted any more may go on sending it, so that it gets to read its answer. */
const lingerMs = 2000;

/** Answers a request in the edge's own words. Nothing when it is answered already, or the client has left. */
export function reply(request: IncomingMessage, response: ServerResponse, { status, ...rest }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const body = rest.body ?? Buffer.from(`${status} ${rest.sentence}\n`);
  const headers: string[] = [];
  for (let i = 0; i + 1 < (rest.headers?.length ?? 0); i += 2) {
    if (!ownHeaders.has(rest.headers![i]!.toLowerCase())) headers.push(rest.headers![i]!, rest.headers![i + 1]!);
  }
  if (rest.body == null) headers.push('Content-Type', 'text/plain; charset=utf-8');
  headers.push('Content-Length', String(body.length));
  // What is left of the request is not read, so that nothing can follow it; and who came too often keeps no socket for
  // it.
  if (!request.complete || status === 429 || status === 503) headers.push('Connection', 'close');
  response.writeHead(status, headers);
  if (request.method !== 'HEAD') response.write(body);
  endPolitely(request, response);
}

const ownHeaders: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'trailer']);

/**
 * Ends an answer. When the client is still sending, node:http would cut the socket at once, and the kernel throw the
 * answer away with the client's unread bytes: so what comes is read and dropped for a while first.
 */
export function endPolitely(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || response.destroyed) {
    response.end();
    return;
  }
  const timer = setTimeout(end, lingerMs);
  function end(): void {
    clearTimeout(timer);
    response.end();
  }
  request.once('end', end);
  request.once('close', end);
  request.resume();
}
