// The server behind every proxy, a process of its own. The last part of a client's path says what to do: /echo?bytes=N
// answers each message of N bytes with one of N bytes, made before; /flood?bytes=N sends N bytes in messages of 16 KB
// as fast as they are taken, and no more.
import { listenRaw } from './ends.mjs';
import { handshakeAnswer, message } from './frames.mjs';

/** A masked close frame starts with this byte; status 1000 is the answer. */
const closeByte = 0x88;
const closeAnswer = Buffer.from([closeByte, 2, 0x03, 0xe8]);
const floodMessage = message(16_384, { masked: false });
const nonsense = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
/** Whole messages of each size, shared by all connections. */
const sizes = new Map();
let connections = 0;

const port = listenRaw((end) => {
  connections++;
  end.onClosed = () => connections--;
  let head = '';
  end.onBytes = (length, bytes) => {
    head += bytes.latin1Slice(0, length);
    if (!head.includes('\r\n\r\n')) return;
    const [, kind, bytesText] = /^GET (?:\/\w+)?\/(\w+)\?bytes=(\d+) /.exec(head) ?? [];
    const key = /^sec-websocket-key: (\S+)\r$/im.exec(head)?.[1];
    if (kind === undefined || key === undefined) {
      end.write(nonsense);
      end.end();
      return;
    }
    end.write(Buffer.from(handshakeAnswer(key)));
    if (kind === 'flood') flood(end, Number(bytesText));
    else echo(end, Number(bytesText));
  };
});

function echo(end, payloadBytes) {
  if (!sizes.has(payloadBytes))
    sizes.set(payloadBytes, {
      inBytes: message(payloadBytes, { masked: true }).length,
      answer: message(payloadBytes, { masked: false }),
    });
  const { inBytes, answer } = sizes.get(payloadBytes);
  let pendingBytes = 0;
  end.onBytes = (length, bytes) => {
    pendingBytes += length;
    // A write for each message, as servers do: an application answers messages one by one.
    while (pendingBytes >= inBytes) {
      pendingBytes -= inBytes;
      end.write(answer);
    }
    // A proxy that says goodbye waits for the answer, as it would get it from any server.
    if (pendingBytes > 0 && bytes[length - pendingBytes] === closeByte) {
      end.write(closeAnswer);
      end.end();
    }
  };
}

function flood(end, bytes) {
  let left = bytes;
  const push = () => {
    while (left > 0) {
      left -= floodMessage.length;
      if (!end.write(floodMessage)) return;
    }
  };
  end.onDrain = push;
  // Whatever comes back is a goodbye.
  end.onBytes = () => end.end();
  push();
}

process.send({ port });
// How many connections it holds: a measurement is over when the proxy has let go of the last one.
process.on('message', () => process.send({ connections }));
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: the parent ends this one when it is through.
process.on('SIGINT', () => undefined);
