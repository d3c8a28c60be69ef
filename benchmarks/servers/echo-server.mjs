// One echo server as a process of its own, so that it can be killed. Its health path fails every other time while it is
// told to flap.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

let flaps = false;
let asked = 0;
const http = createServer((_request, response) => {
  response.statusCode = flaps && Math.floor(++asked / 3) % 2 === 1 ? 503 : 200;
  response.end();
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
process.on('message', (message) => {
  flaps = message === 'flap';
});
process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', () => process.send(http.address().port));
