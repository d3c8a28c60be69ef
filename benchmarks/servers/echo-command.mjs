// A server as Holdline starts one: says its name to whoever comes, and echoes. The name is in the file `name` of its
// directory.
import { readFileSync } from 'node:fs';
import { WebSocketServer } from 'ws';

const name = readFileSync('name', 'utf8');
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT) });
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.send(name);
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
