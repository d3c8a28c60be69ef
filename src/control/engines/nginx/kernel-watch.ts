/** Asks the kernel about the clients' sockets, again and again: who is still there, and what went over them. */
import { findSs } from '../../../host/tcp-traffic.ts';
import { readClients, readClientTraffic } from '../../../nginx/run/engine/sockets.ts';
import type { ConnectionTable } from './table.ts';

export interface KernelWatch {
  /** Whether bytes and idle times of live connections can be told. */
  readonly measures: boolean;
  close(): void;
}

export interface KernelWatchOptions {
  readonly table: ConnectionTable;
  /** On which clients come. */
  readonly ports: () => ReadonlySet<number>;
  readonly searchPath: string;
  readonly nowMs: () => number;
}

/** In case a worker was killed. A connection has to be missing at two looks. */
const reconcileEveryMs = 5000;
/** People who watch a list see movement in it. */
const measureEveryMs = 2000;
/** And with very many connections no more than a twentieth of a processor goes into it. */
const restPerWork = 20;

export function watchKernel({ table, ports, searchPath, nowMs }: KernelWatchOptions): KernelWatch {
  const ss = findSs(searchPath);
  let missing: ReadonlySet<string> = new Set();
  let measuring: NodeJS.Timeout | null = null;
  let isClosed = false;

  const reconciling = setInterval(() => {
    const clients = readClients(process.pid, ports());
    const gone = new Set<string>();
    for (const { key, socket, openedAtMs } of table.all())
      if (socket !== null && !clients.has(socket) && nowMs() - openedAtMs > reconcileEveryMs) gone.add(key);
    table.lose(({ key }) => gone.has(key) && missing.has(key), nowMs());
    missing = gone;
  }, reconcileEveryMs);

  async function measure(file: string): Promise<void> {
    const begunMs = performance.now();
    if (table.registry.size > 0 && ports().size > 0) {
      const traffic = await readClientTraffic(file, ports());
      if (traffic !== null) table.measure(traffic);
    }
    if (!isClosed) measureLater(file, Math.max(measureEveryMs, restPerWork * (performance.now() - begunMs)));
  }

  function measureLater(file: string, pauseMs: number): void {
    measuring = setTimeout(() => void measure(file), pauseMs);
  }

  if (ss !== null) measureLater(ss, measureEveryMs);
  return {
    measures: ss !== null,
    close() {
      isClosed = true;
      clearInterval(reconciling);
      if (measuring !== null) clearTimeout(measuring);
    },
  };
}
