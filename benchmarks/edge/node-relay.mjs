// node node-relay.mjs PACKAGE PORT TARGET_PORT: http-proxy or httpxy in front of one server, as their documentation sets them up.
import http from 'node:http';

const [name, port, target] = process.argv.slice(2);
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
const server = http.createServer((_request, answer) => answer.writeHead(426).end());
server.on('upgrade', upgrades[name]());
server.listen(Number(port), '127.0.0.1', 4096);
