// Echoes every message.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 2 ** 20 }, () =>
  process.send({ port: server.address().port }),
);
server.on('connection', (socket) => {
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
