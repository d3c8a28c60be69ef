import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { formatHostPort } from '../../spec/value/address.ts';
import { access, type Tokens } from '../access/access.ts';
import { type ListenAddress, listenProblem } from '../listen/listeners.ts';
import { checkPlace, nameBeside, putInPlace } from '../listen/socket-place.ts';
import { liveViewers } from '../live/viewers.ts';
import { controlApp } from './app.ts';
import { checkExposure } from './guard.ts';
import type { ControlTarget } from './target.ts';

export interface ControlServer {
  /** Where it listens: `http://…` with a port of 0 filled in, or `unix:/run/edge.sock`. */
  readonly url: string;
  readonly port: number;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface ControlServerOptions {
  readonly target: ControlTarget;
  readonly address: ListenAddress;
  readonly tokens: Tokens;
}

/** Serves the control API. Rejects with `control-needs-token` or with what keeps it from listening. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { address, tokens, target } = options;
  checkExposure(address.host, tokens.steer);
  const viewers = liveViewers(target, Date.now);
  const app = controlApp(target, { ownHost: address.host, access: access(tokens, Date.now), viewers, nowMs: Date.now });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  if (address.unix !== undefined) await checkPlace(address.unix);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error.code ?? '', address, error)));
    if (address.unix === undefined) server.listen(address.port, address.host, resolve);
    else server.listen(nameBeside(address.unix), resolve);
  });
  const placed = address.unix === undefined ? null : putInPlace(address.unix);
  const port = address.unix === undefined ? (server.address() as AddressInfo).port : 0;
  let closing: Promise<void> | null = null;
  return {
    url:
      address.unix === undefined ? `http://${formatHostPort({ host: address.host, port })}` : formatHostPort(address),
    port,
    close() {
      viewers.close();
      placed?.remove();
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}
