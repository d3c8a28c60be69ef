// node node-relay.mjs PACKAGE PORT TLS_PORT CERT KEY TARGET_PORT: http-proxy or httpxy in front of one server, as their
// documentation sets them up.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [name, port, tlsPort, cert, key, target] = process.argv.slice(2);
const options = { target: `http://127.0.0.1:${target}`, ws: true };
const library = await import(name);
const upgrades = {
  'http-proxy': () => {
    const proxy = library.default.createProxyServer(options);
    proxy.on('error', (_error, _request, answer) => answer?.destroy());
    return (request, socket, head) => proxy.ws(request, socket, head);
  },
  httpxy: () => {
    const proxy = library.createProxyServer(options);
    return (request, socket, head) => void proxy.ws(request, socket, {}, head).catch(() => socket.destroy());
  },
};
const upgrade = upgrades[name]();
const secure = { cert: readFileSync(cert), key: readFileSync(key) };
for (const [server, at] of [
  [http.createServer(), port],
  [https.createServer(secure), tlsPort],
]) {
  server.on('request', (_request, answer) => answer.writeHead(426).end());
  server.on('upgrade', upgrade);
  server.listen(Number(at), '127.0.0.1', 4096);
}
