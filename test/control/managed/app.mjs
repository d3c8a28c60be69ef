// A server as people write one for Holdline to start: it echoes, says whether it is well and how busy it is.
// `mode.json` in its working directory says how it behaves; it is read for each answer.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const mode = () => JSON.parse(readFileSync('mode.json', 'utf8'));
const { dies = false, version = 'a' } = mode();
if (dies) {
  console.log('this version does not start');
  process.exit(3);
}
const server = http.createServer((request, response) => {
  const { well = true, load = null } = mode();
  if (request.url === '/load') return void response.end(typeof load === 'string' ? load : JSON.stringify(load));
  response.statusCode = well ? 200 : 503;
  response.end();
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => {
  socket.send(version);
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
