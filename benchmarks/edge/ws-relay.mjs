// node ws-relay.mjs PORT TARGET_PORT: a relay of whole messages made of the ws package, as a peer to measure against.
import { WebSocket, WebSocketServer } from 'ws';

const [port, target] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false, backlog: 4096 });
server.on('connection', (client, request) => {
  const upstream = new WebSocket(`ws://127.0.0.1:${target}${request.url}`, { perMessageDeflate: false });
  const early = [];
  client.on('message', (data, binary) =>
    upstream.readyState === WebSocket.OPEN ? upstream.send(data, { binary }) : early.push([data, binary]),
  );
  upstream.on('open', () => {
    for (const [data, binary] of early) upstream.send(data, { binary });
  });
  upstream.on('message', (data, binary) => client.send(data, { binary }));
  client.on('close', () => upstream.terminate());
  upstream.on('close', () => client.terminate());
  client.on('error', () => upstream.terminate());
  upstream.on('error', () => client.terminate());
});
