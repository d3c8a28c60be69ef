/** The server of the contract: the `ws` package echoing, with commands for what a client cannot ask for with frames. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What the server saw of one connection, in order: `text 5`, `ping 3`, `close 1000 reason`. */
export type Seen = readonly string[];

export interface Target {
  readonly port: number;
  readonly url: string;
  /** What the next connection will have seen once it is over. Ask before connecting. */
  next(): Promise<Seen>;
  close(): void;
}

/** A text that begins with this is a command. */
export const commandMark = '#!';

export async function startTarget(): Promise<Target> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  await once(server, 'listening');
  let onSeen: (seen: Seen) => void = () => {};
  server.on('connection', (socket) => {
    const seen: string[] = [];
    const report = onSeen;
    socket.on('message', (data, binary) => {
      const bytes = data as Buffer;
      seen.push(`${binary ? 'binary' : 'text'} ${bytes.length}`);
      if (!binary && bytes.toString('latin1', 0, 2) === commandMark) obey(socket, bytes.toString('utf8', 2));
      else socket.send(bytes, { binary });
    });
    socket.on('ping', (data) => seen.push(`ping ${data.length}`));
    socket.on('pong', (data) => seen.push(`pong ${data.length}`));
    // What was wrong shows in the close code that the client gets.
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      seen.push(`close ${code} ${reason}`.trimEnd());
      report(seen);
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    next: () =>
      new Promise((resolve) => {
        onSeen = resolve;
      }),
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

function obey(socket: WebSocket, command: string): void {
  const [verb, first = '', ...rest] = command.split(' ');
  switch (verb) {
    case 'close':
      if (first === '') socket.close();
      else socket.close(Number(first), rest.join(' '));
      break;
    case 'ping':
      socket.ping(first);
      break;
    case 'pong':
      socket.pong(first);
      break;
    case 'fragments':
      for (const [index, piece] of [first, ...rest].entries()) socket.send(piece, { fin: index === rest.length });
      break;
    case 'terminate':
      socket.terminate();
      break;
    default:
      throw new Error(`the contract has no command ${command}`);
  }
}
