import type { DialOptions } from '../client/dial/options.ts';
import type { Opening } from '../client/opening.ts';
import type { ProbeEvent } from './event.ts';
import type { LineOptions } from './line.ts';

type Dialling = Pick<
  DialOptions,
  'origin' | 'subprotocols' | 'rawHeaders' | 'tls' | 'resolve' | 'localAddress' | 'socketPath' | 'proxy' | 'signal'
>;

export interface ProbeOptions extends Dialling {
  /** Offers permessage-deflate. Default: true, as browsers do. */
  readonly compression?: boolean;
  /** Longest wait for each step, in milliseconds. Default: those of dial, and 5 s for what comes after the upgrade. */
  readonly timeoutMs?: number;
  /** The text that is sent to see whether the server echoes; null sends no message at all. */
  readonly message?: string | null;
  /** Default: all. `only` and `skip` take ids and groups of checks; null makes none. */
  readonly checks?: { readonly only?: readonly string[]; readonly skip?: readonly string[] } | null;
  /** Default: none. */
  readonly conformance?: { readonly sections?: readonly string[] } | null;
  /** Default: none. */
  readonly idle?: { readonly maxMs?: number; readonly mustHoldMs?: number } | null;
  /** Makes the checks that break the protocol, too. Default: false, because a weak server ends over them. */
  readonly adversarial?: boolean;
  /** The target may be broken although it is not of this machine or its networks. Default: false. */
  readonly ownsTarget?: boolean;
  /** Said on every connection before anything else. Default: nothing. */
  readonly opening?: Opening | null;
  /** Called for everything as it happens. Must not throw. */
  readonly onEvent?: (event: ProbeEvent) => void;
}

/** After the upgrade a server answers in a round trip; five seconds is far beyond what users would wait for. */
export const replyTimeoutMs = 5000;

/** Larger than the largest message that is sent (1 MiB), and small enough to be held several times. */
export const messageBytesMax = 4 * 1024 * 1024;

export function replyTimeoutOf(options: ProbeOptions): number {
  return options.timeoutMs ?? replyTimeoutMs;
}

/** What every dial of a probe has in common. */
export function dialOptionsOf(options: ProbeOptions): LineOptions {
  const { origin, subprotocols, rawHeaders, tls, resolve, localAddress, socketPath, proxy, signal, timeoutMs } =
    options;
  const given = { origin, subprotocols, rawHeaders, tls, resolve, localAddress, socketPath, proxy, signal };
  const timeouts =
    timeoutMs === undefined
      ? { closeMs: 2000 }
      : {
          dnsMs: timeoutMs,
          tcpMs: timeoutMs,
          proxyMs: timeoutMs,
          tlsMs: timeoutMs,
          answerMs: timeoutMs,
          closeMs: Math.min(timeoutMs, 2000),
        };
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as DialOptions),
    // As Chromium offers it: any window, and a client's window on request.
    deflate: options.compression === false ? null : { clientMaxWindowBits: null },
    messageBytesMax,
    timeouts,
    ...(options.opening == null ? {} : { opening: options.opening }),
    ...(options.opening?.subprotocol != null &&
      (subprotocols ?? []).length === 0 && { subprotocols: [options.opening.subprotocol] }),
  };
}
