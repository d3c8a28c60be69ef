/** The page of stub_status, as numbers. */
import http from 'node:http';
import { HoldlineError } from '../../../base/error.ts';

/** All workers and generations together (ngx_http_stub_status_module.c). */
export interface StubStatus {
  /** Client connections; those to the servers are not in it. */
  readonly active: number;
  readonly accepts: number;
  readonly handled: number;
  readonly requests: number;
  readonly reading: number;
  /** Requests being answered: each upgraded connection is one for its whole life. */
  readonly writing: number;
  readonly waiting: number;
}

const pageBytesMax = 4_096;
const patienceMs = 5_000;

/** Throws live-unreadable when the page cannot be had or is another one. */
export async function readStubStatus(url: string): Promise<StubStatus> {
  const text = await fetchText(url);
  const status = parseStubStatus(text);
  if (status === null)
    throw new HoldlineError(
      'live-unreadable',
      `${url} is not a page of stub_status; it begins ${JSON.stringify(text.slice(0, 60))}`,
    );
  return status;
}

export function parseStubStatus(text: string): StubStatus | null {
  const match =
    /^Active connections: (\d+)\s+server accepts handled requests\s+(\d+) (\d+) (\d+)\s+Reading: (\d+) Writing: (\d+) Waiting: (\d+)/.exec(
      text.trim(),
    );
  if (match === null) return null;
  const [active, accepts, handled, requests, reading, writing, waiting] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { active, accepts, handled, requests, reading, writing, waiting };
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new HoldlineError('live-unreadable', `${url} could not be read: ${error.message}`, { cause: error }));
    const request = http.get(url, { timeout: patienceMs, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.length > pageBytesMax) request.destroy(new Error('it is longer than such a page is'));
      });
      response.once('end', () => resolve(text)).once('error', fail);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 5 seconds'))).once('error', fail);
  });
}
