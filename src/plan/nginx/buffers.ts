/** Buffers of a proxied connection: how large each is planned, and why. */
import { clientHeaderBufferBytes, largeHeaderBufferBytes, requestHeadBytes } from './constants.ts';
import { choice, type Figure, num, roundUpTo, sum } from './figure.ts';
import type { Workload } from './workload.ts';

export interface BufferFigures {
  readonly proxyBufferSize: Figure;
  /** How many buffers proxy_buffers has to name so that nginx starts; null: the line is not needed. */
  readonly proxyBuffersCount: Figure | null;
  readonly clientHeaderBufferSize: Figure;
  readonly largeClientHeaderBufferSize: Figure;
  readonly sslBufferSize: Figure | null;
}

/**
 * Message sizes up to `messageBytesMax` get `bufferBytes`. 64k is never chosen: it saves 21 % processor over 16k for
 * four times the memory.
 */
const bufferChoices = [
  {
    messageBytesMax: 4_096,
    bufferBytes: 4_096,
    because: 'messages of up to 4 kB pass in one piece; nginx takes two of these buffers for every connection',
  },
  {
    messageBytesMax: 8_192,
    bufferBytes: 8_192,
    because: 'messages of up to 8 kB pass in one piece; nginx takes two of these buffers for every connection',
  },
  {
    messageBytesMax: Number.POSITIVE_INFINITY,
    bufferBytes: 16_384,
    because:
      'large messages: 16k halves the processor time of 4k (800 MB took 600 ms instead of 1,110 ms), two for every connection',
  },
] as const;

export function planBuffers(workload: Workload): BufferFigures {
  const proxyBufferSize = proxyBuffer(workload);
  return {
    proxyBufferSize,
    proxyBuffersCount:
      proxyBufferSize.value < 16_384
        ? null
        : choice({
            name: 'proxy_buffers',
            value: 4,
            unit: 'count',
            because:
              'nginx refuses to start with a proxy_buffer_size of 16k or more unless proxy_buffers grows with it; upgraded connections never use them',
          }),
    clientHeaderBufferSize: headBuffer(workload),
    largeClientHeaderBufferSize: sum({
      name: 'large_client_header_buffers',
      value: Math.max(largeHeaderBufferBytes, roundUpTo(4_096, workload.cookieBytes + 256)),
      unit: 'bytes',
      because:
        'the longest single header line must fit, otherwise nginx answers 400; it is taken only by requests that need it',
      formula: `larger of (${num(largeHeaderBufferBytes)}, round up((${num(workload.cookieBytes)} + 256) ÷ 4,096) × 4,096)`,
    }),
    sslBufferSize: workload.clientTls
      ? choice({
          name: 'ssl_buffer_size',
          value: workload.pinned.sslBufferBytes ?? 4_096,
          unit: 'bytes',
          because:
            workload.pinned.sslBufferBytes === undefined
              ? 'used once, for the 101, and then held for the connection’s life: 16k, the default, would cost 8 to 10 kB more each'
              : 'set by you; it is used once, for the 101, and then held for the connection’s life',
        })
      : null,
  };
}

/** Bytes of the handshake's request with its cookies. */
export function headBytes(workload: Workload): number {
  return requestHeadBytes + workload.cookieBytes;
}

function proxyBuffer(workload: Workload): Figure {
  const pinned = workload.pinned.proxyBufferBytes;
  const row = bufferChoices.find((each) => workload.messageBytes <= each.messageBytesMax) ?? bufferChoices[2];
  return choice(
    {
      name: 'proxy_buffer_size',
      value: pinned ?? row.bufferBytes,
      unit: 'bytes',
      because: pinned === undefined ? row.because : 'set by you; nginx takes two of these buffers for every connection',
    },
    pinned === undefined ? `chosen for messages of ${num(workload.messageBytes)} bytes` : 'set by you',
  );
}

function headBuffer(workload: Workload): Figure {
  const head = headBytes(workload);
  // Between 1 and 4 kB a larger first buffer (3 kB more) is cheaper than a large header buffer of 8 kB on top of it.
  const value = head > clientHeaderBufferBytes && head <= 4_096 ? 4_096 : clientHeaderBufferBytes;
  const because =
    head <= clientHeaderBufferBytes
      ? 'the default; the handshake fits, and the buffer is held for the connection’s whole life'
      : value === 4_096
        ? 'the handshake is larger than 1k; 4k holds it and costs less than the 8k buffer that nginx would add and keep'
        : 'the default; the handshake is larger than 4k and takes large_client_header_buffers in any case';
  return choice(
    { name: 'client_header_buffer_size', value, unit: 'bytes', because },
    `a handshake of ${num(requestHeadBytes)} + ${num(workload.cookieBytes)} bytes`,
  );
}
