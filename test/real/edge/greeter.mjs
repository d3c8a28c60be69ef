// A server for tests: answers each message with the number that the edge gave it.
import { WebSocketServer } from 'ws';

const { PORT, HOLDLINE_INSTANCE, GREETING = 'instance' } = process.env;
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(PORT) });
server.on('listening', () => console.log(`greeter ${HOLDLINE_INSTANCE} is up`));
server.on('connection', (socket) => socket.on('message', () => socket.send(`${GREETING} ${HOLDLINE_INSTANCE}`)));
