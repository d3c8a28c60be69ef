import { expect } from 'vitest';
import type { WebSocket } from 'ws';
import { acceptPeer, dialPeer, type PeerEvent, type PeerOptions, type RawPeer } from '../../support/raw-peer.ts';
import { rawServer } from '../../support/raw-socket.ts';
import type { RouteChange, TestEdge } from '../edge.ts';
import { type HookedPlan, hookedPlan } from '../hooks/module.ts';
import { echoServer, edgeFor, onCleanUp } from '../servers.ts';

/** Does what a text message of the client's says; everything else passes. */
export const obedient = `
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export const onMessage = async ({ connection, from, data }) => {
    if (from === 'server') return data === 'secret' ? { replace: 'hidden from ' + connection.path } : undefined;
    const [word, rest] = String(data).split(':');
    if (word === 'drop') return 'drop';
    if (word === 'replace') return { replace: rest };
    if (word === 'bytes') return { replace: Buffer.from(rest) };
    if (word === 'answer') return { answer: rest };
    if (word === 'close') return { close: { code: Number(rest), reason: 'asked for' } };
    if (word === 'throw') throw new Error('no such word');
    if (word === 'hang') await new Promise(() => {});
    if (word === 'loop') for (;;);
    if (word === 'wait') await sleep(Number(rest));
    if (word === 'nonsense') return { repalce: '' };
  };`;

export const messages = { messages: true } as const;

export async function hooked(options: Partial<HookedPlan> = {}): Promise<TestEdge> {
  const servers = options.servers ?? [(await echoServer()).url];
  const settings = { ...messages, ...options.settings };
  return edgeFor([], {}, { plan: hookedPlan({ hooks: obedient, ...options, servers, settings }) });
}

/** Messages of a socket, in order; `B` before those that are binary. */
export function received(socket: WebSocket): string[] {
  const all: string[] = [];
  socket.on('message', (data, binary) => all.push(`${binary ? 'B' : ''}${String(data)}`));
  return all;
}

export async function inOrder(socket: WebSocket, sent: readonly (string | Buffer)[], expected: readonly string[]) {
  const got = received(socket);
  for (const each of sent) socket.send(each);
  await expect.poll(() => got, { timeout: 10_000 }).toEqual(expected);
}

/** Both raw ends of a connection in message mode. */
export async function pair(
  options: { headers?: string[]; client?: PeerOptions; change?: RouteChange; server?: PeerOptions } = {},
): Promise<{ client: RawPeer; server: RawPeer; head: string; serverHead: string; through: TestEdge }> {
  let accept!: (accepted: ReturnType<typeof acceptPeer>) => void;
  const accepted = new Promise<Awaited<ReturnType<typeof acceptPeer>>>((resolve, reject) => {
    accept = (upgraded) => void upgraded.then(resolve, reject);
  });
  const server = await rawServer((socket) => accept(acceptPeer(socket, {}, options.server)));
  onCleanUp(() => server.close());
  const through = await hooked({ servers: [server.url], ...(options.change ? { change: options.change } : {}) });
  const { peer: client, head } = await dialPeer(through.port, { headers: options.headers ?? [] }, options.client);
  onCleanUp(() => client.raw.socket.destroy());
  const { peer, head: serverHead } = await accepted;
  return { client, server: peer, head, serverHead, through };
}

export function textIn(event: PeerEvent): string {
  return event.kind === 'close' ? event.reason : String(event.data);
}
