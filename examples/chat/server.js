// A small chat: one page over HTTP, one WebSocket under /chat. It knows nothing of Holdline but two variables:
// PORT, where to listen, and HOLDLINE_CONTROL, the address of the control API.
//
// Two instances of this run at once, and each knows only its own clients. So a message that somebody writes is not
// sent by this process: it asks the edge to send it into every connection of the route, whichever instance holds it.
// Without Holdline (node server.js) there is one instance, and it sends to its own clients.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const port = Number(process.env.PORT ?? 3000);
const instance = process.env.HOLDLINE_INSTANCE ?? '1';
const control = process.env.HOLDLINE_CONTROL;
const token = process.env.HOLDLINE_TOKEN;

const textMax = 500;
const page = await readFile(new URL('page.html', import.meta.url));

const server = http.createServer((request, response) => {
  if (request.url === '/' || request.url?.startsWith('/?')) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is only one page, at /.\n');
  }
});

const sockets = new WebSocketServer({ server, path: '/chat', maxPayload: 16 * 1024 });

sockets.on('connection', (socket) => {
  socket.send(JSON.stringify({ kind: 'welcome', instance }));
  socket.on('error', (error) => console.log(`a client went wrong: ${error.message}`));
  socket.on('message', async (data) => {
    const said = parse(data.toString());
    if (said === null) return;
    await tellEverybody({ kind: 'message', ...said, instance });
  });
});

/** What a client may say: a name and a text. Anything else is nothing. */
function parse(json) {
  try {
    const { name, text } = JSON.parse(json);
    if (typeof name !== 'string' || typeof text !== 'string' || text.trim() === '') return null;
    return { name: name.trim().slice(0, 40) || 'somebody', text: text.slice(0, textMax) };
  } catch {
    return null;
  }
}

async function tellEverybody(message) {
  const text = JSON.stringify(message);
  if (control !== undefined) {
    try {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      // The page itself is fetched over plain HTTP, which is no connection, so the route is all it takes to name them.
      const body = JSON.stringify({ filter: { route: 'chat' }, text });
      const answer = await fetch(`${control}/messages`, { method: 'POST', headers, body });
      if (answer.ok) return;
      console.log(`the edge did not pass a message on: ${answer.status} ${await answer.text()}`);
    } catch (error) {
      console.log(`the edge cannot be asked to pass a message on: ${error.message}`);
    }
  }
  for (const client of sockets.clients) client.send(text);
}

server.listen(port, '127.0.0.1', () => console.log(`listening on ${port}`));

// Holdline ends its servers with SIGTERM, after it has closed their connections.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const client of sockets.clients) client.close(1001, 'the server is shutting down');
  server.closeIdleConnections();
});
