/**
 * What the built-in edge costs, as the plan assumes it. Deliberately above what an idle connection takes, because a
 * plan that promises too much fails at night; the watermarks act on what is really used.
 */

const kib = 1024;
const mib = 1024 * kib;

export const edgeConstants = {
  /** One socket to the client and one to the server. */
  descriptorsPerConnection: 2,
  /**
   * Listeners, the channel to the supervisor, epoll, logs, modules being loaded, and a few handshakes that get refused.
   */
  descriptorsSpare: 64,
  /**
   * Objects of Node for two sockets, the tunnel’s state and the registry’s record, while nothing waits in a buffer: 3
   * to 7 kB each with 5,000 idle ones (`npm run bench:edge -- --only idle`), more when they talk, and then chunks wait
   * for readers.
   */
  userBytesPerConnection: 16 * kib,
  /** The upper end of what was measured, for a comparison with what was measured of nginx (docs/performance.md). */
  idleUserBytesPerConnection: 7_000,
  /**
   * Structures of the kernel for two idle TCP sockets: about 4.6 kB each on Linux, outside of the process's own memory.
   */
  kernelBytesPerConnection: 10 * kib,
  /** OpenSSL's state and Node's objects around it, for one TLS connection. */
  tlsBytesPerConnection: 48 * kib,
  /** A Node process with the edge's code loaded and warm, before its first connection. */
  workerBaseBytes: 80 * mib,
  /** The supervisor: control API, page, counts of all workers; it holds no connection. */
  supervisorBytes: 128 * mib,
  /**
   * Share of the host's memory that the edge plans with; the rest is for the system, full socket buffers and the
   * servers beside it.
   */
  memoryShare: 0.8,
  /** A worker with less than this above its base is not worth having: better fewer workers with room each. */
  workerRoomBytes: 64 * mib,
  /**
   * Distance from the high mark to the low one, as a share of the high mark: wide enough that admission does not
   * flutter.
   */
  hysteresisShare: 0.1,
  /**
   * The queue of a listening socket. The kernel cuts it to net.core.somaxconn; a reconnecting herd needs all that it
   * gives.
   */
  listenBacklog: 4096,
  /** Above this the supervisor's own work (counts, channels) grows faster than what another worker carries. */
  workersMax: 64,
  /** More descriptors than the kernel lets one process have by default (fs.nr_open); "unlimited" is taken as this. */
  descriptorsMax: 1_048_576,
} as const;
