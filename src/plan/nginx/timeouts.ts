/** nginx's timeouts, argued from the heartbeat and the drain. */
import { choice, type Figure, num, roundUpTo, sum } from './figure.ts';
import type { Workload } from './workload.ts';

export interface TimeoutFigures {
  readonly proxyReadTimeout: Figure;
  readonly proxySendTimeout: Figure;
  readonly sendTimeout: Figure;
  readonly proxyConnectTimeout: Figure;
  readonly clientHeaderTimeout: Figure;
  readonly workerShutdownTimeout: Figure;
}

/**
 * Without heartbeat and without a word about idleness: quiet chats live, and a dead peer's two sockets come back within
 * the quarter hour.
 */
const quietMs = 420_000;
const shutdownMs = 600_000;
const shutdownMsMax = 86_400_000;

export function planTimeouts(workload: Workload): TimeoutFigures {
  return {
    proxyReadTimeout: readTimeout(workload),
    proxySendTimeout: choice({
      name: 'proxy_send_timeout',
      value: 30_000,
      unit: 'milliseconds',
      because:
        'runs only while a write to the server is blocked: a server that read nothing for half a minute is stuck. Idle connections never meet it',
    }),
    sendTimeout: choice({
      name: 'send_timeout',
      value: 30_000,
      unit: 'milliseconds',
      because:
        'runs only while a write to the client is blocked; with reset_timedout_connection on the kernel’s megabytes for that client come back at once',
    }),
    proxyConnectTimeout: choice({
      name: 'proxy_connect_timeout',
      value: 5_000,
      unit: 'milliseconds',
      because:
        'a server that does not accept within five seconds is down, and the next one should be tried; it has no effect on open connections',
    }),
    clientHeaderTimeout: choice({
      name: 'client_header_timeout',
      value: 10_000,
      unit: 'milliseconds',
      because: 'covers only the handshake request; a client that needs longer is not a browser',
    }),
    workerShutdownTimeout: shutdown(workload),
  };
}

function readTimeout(workload: Workload): Figure {
  const { heartbeat, idleTimeoutMs } = workload;
  const facts = { name: 'proxy_read_timeout', unit: 'milliseconds' } as const;
  if (heartbeat === null)
    return choice({
      ...facts,
      value: idleTimeoutMs ?? quietMs,
      because:
        idleTimeoutMs === null
          ? 'nobody sends a heartbeat, so this is how long a connection may be silent in both directions; long enough for a quiet chat, short enough that dead peers go'
          : 'nobody sends a heartbeat, so this is your idle timeout: silence in both directions',
    });
  const every = heartbeat.everyMs / 1000;
  const timeout = heartbeat.timeoutMs / 1000;
  return sum({
    ...facts,
    value: roundUpTo(15, 3 * every + timeout) * 1000,
    because:
      'the idle timeout of an upgraded connection, reset by traffic in either direction: three heartbeats and an answer, so that one lost heartbeat cuts nobody',
    formula: `round up((3 × ${num(every, 3)} + ${num(timeout, 3)}) ÷ 15) × 15`,
  });
}

function shutdown(workload: Workload): Figure {
  const facts = { name: 'worker_shutdown_timeout', unit: 'milliseconds' } as const;
  const rate = workload.drainPerSecond;
  if (rate === null)
    return choice({
      ...facts,
      value: shutdownMs,
      because:
        'after a reload old workers keep their sockets and their memory this long, and then cut all that are left in one turn, without a close frame; without it they stay for ever',
    });
  const value = Math.min(shutdownMsMax, Math.max(60_000, roundUpTo(60, (workload.connections / rate) * 1.1) * 1000));
  return sum({
    ...facts,
    value,
    because:
      'the time in which the application closes its connections at your drain rate, and a tenth more; what is left then is cut in one turn',
    formula: `smaller of (86,400, larger of (60, round up(${num(workload.connections)} ÷ ${num(rate, 3)} × 1.1 ÷ 60) × 60))`,
  });
}
