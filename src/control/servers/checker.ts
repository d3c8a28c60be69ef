/** Asks one server, again and again, whether it is well. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { socketPathOf } from '../../base/unix-socket.ts';
import type { HealthSpec } from '../../plan/edge/plan.ts';
import { checkPauseMs, type HealthResult } from '../../policy/health/check.ts';
import { keyFrom } from '../../ws/client-handshake.ts';
import { acceptFor } from '../../ws/handshake.ts';

export interface CheckerOptions {
  readonly url: string;
  readonly health: HealthSpec;
  /** The name that the address was found by; null when the URL says all. */
  readonly name: string | null;
  readonly verifyTls: boolean;
  /** Whom to trust instead of the public authorities, PEM; null for those. */
  readonly ca: string | null;
  readonly random: () => number;
  readonly onResult: (result: HealthResult) => void;
}

/** Returns what ends it. The first check comes at once: whoever was just added should not wait to be known. */
export function startChecks(options: CheckerOptions): () => void {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;

  async function round(): Promise<void> {
    const result = await checkOnce(options, stopping.signal);
    if (stopping.signal.aborted) return;
    options.onResult(result);
    timer = setTimeout(() => void round(), checkPauseMs(options.health.everyMs, options.random()));
  }

  void round();
  return () => {
    stopping.abort();
    if (timer !== null) clearTimeout(timer);
  };
}

/** Never rejects. */
export function checkOnce(
  options: Omit<CheckerOptions, 'random' | 'onResult'>,
  signal?: AbortSignal,
): Promise<HealthResult> {
  const { health } = options;
  const within = AbortSignal.any([AbortSignal.timeout(health.timeoutMs), ...(signal === undefined ? [] : [signal])]);
  return health.check === 'tcp' ? checkTcp(options, within) : checkHttp(options, within);
}

function checkTcp(
  { url, health }: Omit<CheckerOptions, 'random' | 'onResult'>,
  signal: AbortSignal,
): Promise<HealthResult> {
  const path = socketPathOf(url);
  return new Promise((resolve) => {
    const socket = net.connect(path === null ? hostAndPort(url) : { path });
    const settle = (result: HealthResult) => {
      signal.removeEventListener('abort', late);
      socket.destroy();
      resolve(result);
    };
    const late = () => settle({ ok: false, detail: `no connection within ${health.timeoutMs} ms` });
    signal.addEventListener('abort', late, { once: true });
    socket.once('connect', () => settle({ ok: true, detail: 'it takes connections' }));
    socket.once('error', (error: NodeJS.ErrnoException) => settle({ ok: false, detail: error.code ?? error.message }));
  });
}

function checkHttp(
  { url, name, health, verifyTls, ca }: Omit<CheckerOptions, 'random' | 'onResult'>,
  signal: AbortSignal,
): Promise<HealthResult> {
  const upgrade = health.check === 'websocket';
  const key = keyFrom(randomBytes(16));
  const headers = upgrade
    ? {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
      }
    : { Connection: 'close' };
  const socketPath = socketPathOf(url);
  const target = new URL(health.path, socketPath === null ? url : 'http://localhost');
  const options = {
    method: 'GET',
    headers: {
      ...headers,
      Host: name === null ? target.host : authorityOf(name, target),
      'User-Agent': 'holdline-health',
    },
    agent: false,
    ...(socketPath === null ? {} : { socketPath }),
  } as const;
  return new Promise((resolve) => {
    const request =
      target.protocol === 'https:'
        ? https.request(target, {
            ...options,
            rejectUnauthorized: verifyTls,
            ...(ca === null ? {} : { ca }),
            ...(name === null ? {} : { servername: name }),
          })
        : http.request(target, options);
    const settle = (result: HealthResult) => {
      signal.removeEventListener('abort', late);
      request.destroy();
      resolve(result);
    };
    const late = () => settle({ ok: false, detail: `no answer within ${health.timeoutMs} ms` });
    signal.addEventListener('abort', late, { once: true });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      // Any other 101 is one that no client would get: it would be up, and every handshake 502.
      const accepted = response.headers['sec-websocket-accept'] === acceptFor(key);
      if (upgrade && !accepted)
        settle({ ok: false, detail: 'answered 101 without the Sec-WebSocket-Accept of the request' });
      else settle({ ok: upgrade, detail: 'answered 101' });
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      settle({ ok: !upgrade && status >= 200 && status < 400, detail: `answered ${status}` });
    });
    request.on('error', (error: NodeJS.ErrnoException) => settle({ ok: false, detail: error.code ?? error.message }));
    request.end();
  });
}

function hostAndPort(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

function authorityOf(name: string, { port }: URL): string {
  return port === '' ? name : `${name}:${port}`;
}
