/** What a step is, and how one asks: until something is so, over the control API. */
import { createHash, randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Carried } from './carried.ts';

export interface Step {
  readonly what: string;
  readonly run: (edge: Carried) => Promise<unknown>;
  /** Of both engines, or of each. */
  readonly sees: unknown;
  readonly differs?: { readonly nginx: unknown; readonly row: string };
}

interface Row {
  readonly id: string;
  readonly route: string;
  readonly server: string;
  readonly clientBytes: number;
  readonly clientMessages: number;
  readonly subprotocol: string | null;
}

interface Ended {
  readonly cause: string;
  readonly code: number;
  readonly route: string;
}

export const cannot = 'engine-cannot';
const patienceMs = 20_000;

export const rowsOf = async (edge: Carried, filter = '') =>
  (await edge.ask<{ rows: Row[] }>('GET', `/connections?q=${encodeURIComponent(filter)}`)).rows;
export const endsOf = async (edge: Carried) => (await edge.ask<{ rows: Ended[] }>('GET', '/history')).rows;
export const workersOf = async (edge: Carried) =>
  (await edge.ask<{ workers: { pid: number; connections: number; leaving: boolean }[] }>('GET', '/workers')).workers;

/** Asks again until it is so; where it never is, the step shows what it saw last. */
export async function once<Value>(ask: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  for (const deadline = performance.now() + patienceMs; ; ) {
    const value = await ask();
    if (isSo(value) || performance.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const closeOf = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve(1006);
    else socket.once('close', resolve);
  });

export async function leave(edge: Carried, ...sockets: readonly WebSocket[]): Promise<void> {
  for (const socket of sockets) socket.terminate();
  await once(
    () => rowsOf(edge),
    (rows) => rows.length === 0,
  );
}

export const statusOf = (answer: WebSocket | number) => {
  if (typeof answer === 'number') return answer;
  answer.terminate();
  return 101;
};

export async function echoes(edge: Carried, bytes: number): Promise<boolean> {
  const socket = await edge.open();
  const sent = randomBytes(bytes);
  const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  const back = new Promise<boolean>((resolve) =>
    socket.once('message', (data: Buffer, binary) => resolve(binary && digest(data) === digest(sent))),
  );
  socket.send(sent);
  const isSame = await back;
  await leave(edge, socket);
  return isSame;
}

/** Asks for something that concerns one live connection. */
export async function steered(
  edge: Carried,
  method: string,
  path: (id: string) => string,
  body: object,
): Promise<unknown> {
  const socket = await edge.open();
  const [row] = await once(
    () => rowsOf(edge),
    (rows) => rows.length === 1,
  );
  const answer = await edge.ask<unknown>(method, path(row!.id), body);
  await leave(edge, socket);
  return answer === cannot ? cannot : 'done';
}

export const outcomeOf = (answer: unknown) => (answer === cannot ? cannot : 'done');
