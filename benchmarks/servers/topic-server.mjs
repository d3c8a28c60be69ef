// A server as a process of its own, so that it can be killed: whoever says `subscribe NAME` hears `NAME` four times a
// second.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const [word, name] = String(data).split(' ');
    if (word === 'subscribe') socket.name = name;
  });
});
setInterval(() => {
  for (const socket of server.clients) if (socket.name !== undefined) socket.send(socket.name);
}, 250);
process.on('disconnect', () => process.exit(0));
server.on('listening', () => process.send(server.address().port));
