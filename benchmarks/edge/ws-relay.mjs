// node ws-relay.mjs PORT TLS_PORT CERT KEY TARGET_PORT: a relay of whole messages made of the ws package, as a peer to
// measure against.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { WebSocket, WebSocketServer } from 'ws';

const [port, tlsPort, cert, key, target] = process.argv.slice(2);
const secure = { cert: readFileSync(cert), key: readFileSync(key) };
for (const [server, at] of [
  [http.createServer(), port],
  [https.createServer(secure), tlsPort],
]) {
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', relay);
  server.listen(Number(at), '127.0.0.1', 4096);
}

function relay(client, request) {
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
}
