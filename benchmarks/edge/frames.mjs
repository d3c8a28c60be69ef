// Whole messages as bytes, made once: neither end of the measurement spends time on framing.
import { createHash } from 'node:crypto';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const finalBinary = 0x82;
const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A binary message in one frame, as a client sends it (masked) or a server (not). */
export function message(payloadBytes, { masked }) {
  const head = [finalBinary, ...lengthBytes(payloadBytes)];
  if (!masked) return Buffer.concat([Buffer.from(head), Buffer.alloc(payloadBytes, 'holdline ')]);
  head[1] |= 0x80;
  const payload = Buffer.alloc(payloadBytes, 'holdline ').map((byte, index) => byte ^ mask[index % 4]);
  return Buffer.concat([Buffer.from(head), mask, payload]);
}

function lengthBytes(length) {
  if (length < 126) return [length];
  const bytes = Buffer.alloc(length < 65_536 ? 2 : 8);
  if (bytes.length === 2) bytes.writeUInt16BE(length);
  else bytes.writeBigUInt64BE(BigInt(length));
  return [bytes.length === 2 ? 126 : 127, ...bytes];
}

/** A handshake as a browser sends it, some 450 bytes: what a proxy has to read, check and pass on. */
export function handshakeRequest(path) {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\nOrigin: https://app.example.com\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    'latin1',
  );
}

export function handshakeAnswer(key) {
  const accept = createHash('sha1').update(`${key}${guid}`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}
