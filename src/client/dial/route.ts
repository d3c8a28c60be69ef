/** The way to the server, up to the byte before the request: name or path, TCP, proxy, TLS. */
import type { Socket } from 'node:net';
import { ClientWire } from '../connection/wire.ts';
import type { DialFailure } from './failure.ts';
import { type DialOptions, defaultTimeouts } from './options.ts';
import type { DialPhaseFacts } from './progress.ts';
import { connectThrough, type ProxyAddress, readProxy } from './proxy.ts';
import type { DialTarget } from './target.ts';
import { connectTcp, connectUnix, resolveHost, type TcpOutcome } from './tcp.ts';
import type { DialTimings } from './timings.ts';
import { secure, tlsFacts } from './tls.ts';

export type RouteOutcome =
  | { readonly ok: true; readonly wire: ClientWire; readonly address: string }
  | { readonly ok: false; readonly failure: DialFailure };

/** `facts` is asked for only when somebody watches: reading a certificate takes a while. */
type Mark = (phase: keyof DialTimings, facts?: () => DialPhaseFacts) => void;

export async function openWire(target: DialTarget, options: DialOptions, mark: Mark): Promise<RouteOutcome> {
  const { signal } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const proxy = options.proxy === undefined ? null : readProxy(options.proxy);
  if (options.proxy !== undefined && proxy === null) return failedProxy(options.proxy);

  const reached = await reach(proxy ?? target, options, mark);
  if ('phase' in reached) return { ok: false, failure: reached };
  const { address } = reached;
  mark('tcpMs', () => ({ phase: 'tcp', address }));
  let socket: Socket = reached.socket;

  if (proxy !== null) {
    const wire = new ClientWire(socket);
    const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
    const failure = await connectThrough(wire, { proxy, authority, timeoutMs: timeouts.proxyMs, signal });
    if (failure !== null) {
      socket.destroy();
      return { ok: false, failure };
    }
    mark('proxyMs', () => ({ phase: 'proxy' }));
    if (!target.secure) return { ok: true, wire, address };
    if (!wire.release()) {
      socket.destroy();
      const detail = 'the proxy sent bytes of its own behind its answer to CONNECT';
      return { ok: false, failure: { phase: 'proxy', code: 'refused', detail, answer: null } };
    }
  }
  if (target.secure) {
    const secured = await secure(socket, { host: target.host, tls: options.tls, timeoutMs: timeouts.tlsMs, signal });
    if (!secured.ok) {
      const { code, detail, facts } = secured;
      return { ok: false, failure: { phase: 'tls', code, detail, facts } };
    }
    mark('tlsMs', () => ({ phase: 'tls', facts: tlsFacts(secured.socket) }));
    socket = secured.socket;
  }
  return { ok: true, wire: new ClientWire(socket), address };
}

/** Connects to the target, or to the proxy in front of it. */
async function reach(
  to: DialTarget | ProxyAddress,
  options: DialOptions,
  mark: Mark,
): Promise<Extract<TcpOutcome, { ok: true }> | DialFailure> {
  const { socketPath, signal, localAddress } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const tcp = { timeoutMs: timeouts.tcpMs, signal };
  let outcome: TcpOutcome;
  if (socketPath !== undefined) outcome = await connectUnix(socketPath, tcp);
  else {
    const given = options.resolve?.(to.host, to.port) ?? null;
    const resolved = await resolveHost(given ?? to.host, { timeoutMs: timeouts.dnsMs, signal });
    if (!resolved.ok) return { phase: 'dns', code: resolved.code, detail: resolved.detail };
    const { addresses } = resolved;
    mark('dnsMs', () => ({ phase: 'dns', addresses }));
    outcome = await connectTcp(addresses, { ...tcp, port: to.port, localAddress });
  }
  if (outcome.ok) return outcome;
  const detail = options.proxy === undefined ? outcome.detail : `${outcome.detail}, which is the proxy`;
  return { phase: 'tcp', code: outcome.code, detail, attempts: outcome.attempts };
}

function failedProxy(text: string): RouteOutcome {
  const detail = `${JSON.stringify(text.slice(0, 200))} is not a proxy; write http://host:port`;
  return { ok: false, failure: { phase: 'proxy', code: 'proxy-url', detail, answer: null } };
}
