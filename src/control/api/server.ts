import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { access, type Tokens } from '../access/access.ts';
import { type ListenAddress, listenProblem } from '../listeners.ts';
import { liveViewers } from '../live/viewers.ts';
import { controlApp } from './app.ts';
import { checkExposure } from './guard.ts';
import type { ControlTarget } from './target.ts';

export interface ControlServer {
  /** Where it listens; a port of 0 is filled in. */
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error.code ?? '', address, error)));
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  let closing: Promise<void> | null = null;
  return {
    url: `http://${host}:${port}`,
    port,
    close() {
      viewers.close();
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}
