import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Address, listenProblem } from '../listeners.ts';
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
  readonly address: Address;
  readonly token: string | null;
  readonly version: string;
}

/** Serves the control API. Rejects with `control-needs-token` or with what keeps it from listening. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { address, token, version } = options;
  checkExposure(address.host, token);
  const app = controlApp(options.target, { ownHost: address.host, token, version });
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
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}
