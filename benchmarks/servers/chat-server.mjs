// One instance of a chat: what a client says goes to the clients of all instances, over a bus at CHAT_BUS. Holdline
// starts it with a PORT.

import { createServer } from 'node:http';
import net from 'node:net';
import { WebSocketServer } from 'ws';

const http = createServer((_request, response) => response.end('well'));
const chat = new WebSocketServer({ server: http, perMessageDeflate: { threshold: 0 } });
const bus = net.connect(Number(process.env.CHAT_BUS), '127.0.0.1');
bus.setNoDelay(true);
bus.on('error', () => process.exit(0));
bus.on('close', () => process.exit(0));

const members = new Set();
chat.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data) => {
    const text = String(data);
    // Who has said who it is hears what all say.
    if (text.startsWith('join ')) members.add(socket);
    else bus.write(`${text}\n`);
  });
});

let rest = '';
bus.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) for (const socket of members) socket.send(line);
});
http.listen(Number(process.env.PORT), '127.0.0.1');
