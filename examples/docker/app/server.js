// A page that shows the time of the server, sent every second over a WebSocket. No dependencies: it writes the few
// bytes of each frame itself. An application uses a library, as in examples/chat.
const { createHash } = require('node:crypto');
const http = require('node:http');

const page = `<!doctype html><title>Time</title><p id="time">…</p><script>
  new WebSocket(location.href.replace('http', 'ws')).onmessage = ({ data }) => { time.textContent = data };
</script>`;

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
});

server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const say = () => {
    const text = Buffer.from(new Date().toISOString());
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  };
  say();
  const timer = setInterval(say, 1000);
  // Whatever a client says, it is not listened to; a close frame (opcode 8) is answered.
  socket.on('data', (data) => {
    if ((data[0] & 0x0f) === 8) socket.end(Buffer.from([0x88, 0]));
  });
  socket.on('error', () => undefined);
  socket.on('close', () => clearInterval(timer));
});

server.listen(Number(process.env.PORT ?? 3000));
