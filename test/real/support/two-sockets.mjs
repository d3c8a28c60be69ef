// Opens a WebSocket to each address given, says so, and keeps them: a client that can be stopped from outside.
import { WebSocket } from 'ws';

const sockets = process.argv.slice(2).map((url) => new WebSocket(url));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
console.log('open');
