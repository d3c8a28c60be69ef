/** Memory of one live connection on the nginx host, split into nginx's own (user) and the kernel's. */
import { type BufferFigures, headBytes } from './buffers.ts';
import { bufferBytesFloor, largeHeaderBufferBytes, type NginxConstants, socketKernelBytes } from './constants.ts';
import { type Figure, num, sum } from './figure.ts';
import type { Workload } from './workload.ts';

export interface ConnectionMemory {
  /** Once large messages have passed both ways: what the plan counts with, because it never shrinks again. */
  readonly user: Figure;
  /** Before any message larger than a page has passed. */
  readonly userIdle: Figure;
  readonly kernel: Figure;
  /** A peer that has stopped reading, on top. */
  readonly stalled: (sendBytesMax: number, receiveBytesMax: number) => Figure;
}

export function connectionMemory(
  workload: Workload,
  buffers: BufferFigures,
  constants: NginxConstants,
): ConnectionMemory {
  const base = constants.connectionBaseBytes;
  const buffer = Math.max(buffers.proxyBufferSize.value, bufferBytesFloor);
  const touched = Math.min(buffer, bufferBytesFloor);
  const parts = [headPart(workload, buffers), ...tlsParts(workload, buffers, constants)].filter(
    (part) => part.bytes > 0,
  );
  const extra = parts.reduce((total, part) => total + part.bytes, 0);
  const formulaTail = parts.map((part) => ` + ${part.formula}`).join('');
  const of = ['the connection itself', '2 × proxy_buffer_size', ...parts.map((part) => part.name)].join(' + ');
  return {
    user: sum({
      name: 'nginx memory per connection',
      value: base + 2 * buffer + extra,
      unit: 'bytes',
      because: `${of}; ${constants.source}`,
      formula: `${num(base)} + 2 × ${num(buffer)}${formulaTail}`,
    }),
    userIdle: sum({
      name: 'nginx memory per connection while only small messages pass',
      value: base + 2 * touched + extra,
      unit: 'bytes',
      because: 'only the written pages of each buffer count, and a small message writes one',
      formula: `${num(base)} + 2 × ${num(touched)}${formulaTail}`,
    }),
    kernel: sum({
      name: 'kernel memory per connection',
      value: 2 * socketKernelBytes,
      unit: 'bytes',
      because:
        'two sockets, one to the client and one to the server, each with its file, its inode and its epoll entry',
      formula: `2 × ${num(socketKernelBytes)}`,
    }),
    stalled: (sendBytesMax, receiveBytesMax) =>
      sum({
        name: 'kernel memory per stalled client',
        value: sendBytesMax + receiveBytesMax,
        unit: 'bytes',
        because:
          'a client that stops reading fills its send queue (tcp_wmem) and then the receive queue from the server (tcp_rmem)',
        formula: `${num(sendBytesMax)} + ${num(receiveBytesMax)}`,
      }),
  };
}

interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly formula: string;
}

/**
 * Measured with cookies of 2,000 to 7,000 bytes on 1.22.1, to 2 %: the buffers that hold the head, and a copy of the
 * cookie.
 */
function headPart(workload: Workload, buffers: BufferFigures): Part {
  const name = 'the handshake’s large head, held until close';
  const head = headBytes(workload);
  if (head <= 1_024) return { name, bytes: 0, formula: '0' };
  if (head <= buffers.clientHeaderBufferSize.value) return { name, bytes: 3_072 + 4_096, formula: '(3,072 + 4,096)' };
  const large = Math.max(largeHeaderBufferBytes, buffers.largeClientHeaderBufferSize.value);
  return { name, bytes: large + workload.cookieBytes, formula: `(${num(large)} + ${num(workload.cookieBytes)})` };
}

function tlsParts(workload: Workload, buffers: BufferFigures, constants: NginxConstants): Part[] {
  const parts: Part[] = [];
  if (workload.clientTls) {
    const { buffer4k, buffer16k } = constants.clientTlsBytes;
    const size = buffers.sslBufferSize?.value ?? 16_384;
    // Between the two measured sizes on the straight line; beyond them on the same line.
    const bytes = Math.ceil(buffer4k + ((buffer16k - buffer4k) * (Math.max(size, 4_096) - 4_096)) / 12_288);
    parts.push({ name: 'TLS towards the client', bytes, formula: num(bytes) });
  }
  if (workload.serverTls)
    parts.push({
      name: 'TLS towards the server',
      bytes: constants.serverTlsBytes,
      formula: num(constants.serverTlsBytes),
    });
  return parts;
}
