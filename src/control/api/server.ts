import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { handleOf, listenOn } from '../../gateway/inside/listener.ts';
import { readHostFacts } from '../../host/edge-facts.ts';
import { formatHostPort } from '../../spec/value/address.ts';
import { access, type KeptSession, type Tokens } from '../access/access.ts';
import { type ListenAddress, listenProblem } from '../listen/listeners.ts';
import { checkPlace, nameBeside, placedAt, putInPlace } from '../listen/socket-place.ts';
import { liveViewers } from '../live/viewers.ts';
import { controlApp } from './app.ts';
import { checkExposure } from './guard.ts';
import { boundSockets, serverTimeouts } from './strangers.ts';
import type { ControlTarget } from './target.ts';

export interface ControlServer {
  /** Where it listens: `http://…` with a port of 0 filled in, or `unix:/run/edge.sock`. */
  readonly url: string;
  readonly port: number;
  /** For another supervisor. */
  sessions(): KeptSession[];
  /** The socket, for another supervisor; the address goes on with whoever gets it. */
  readonly handle: unknown;
  /** Idempotent. `keepsPlace`: somebody else has the address now. */
  close(how?: { readonly keepsPlace: boolean }): Promise<void>;
}

/** What another supervisor had. */
export interface KeptControl {
  /** undefined where it is bound anew: whoever had it is gone. */
  readonly handle: unknown;
  readonly port: number;
  readonly sessions: readonly KeptSession[];
}

export interface ControlServerOptions {
  readonly target: ControlTarget;
  readonly address: ListenAddress;
  readonly tokens: Tokens;
  readonly kept?: KeptControl | undefined;
}

/** More than any answer takes that is no stream. */
const answerMs = 1000;

/** Serves the control API. Rejects with `control-needs-token` or with what keeps it from listening. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { tokens, target, kept } = options;
  const address = kept === undefined ? options.address : { ...options.address, port: kept.port };
  checkExposure(address.host, tokens.steer);
  const viewers = liveViewers(target, Date.now);
  const visitors = access(tokens, Date.now);
  visitors.restore(kept?.sessions ?? []);
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    serverOptions: serverTimeouts,
  }) as Server;
  const strangers = boundSockets(server, readHostFacts().descriptors);
  const app = controlApp(target, {
    ownHost: address.host,
    access: visitors,
    onKnown: strangers.admit,
    viewers,
    nowMs: Date.now,
  });
  const given = kept?.handle;
  if (address.unix !== undefined && given === undefined) await checkPlace(address.unix);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error.code ?? '', address, error)));
    if (given !== undefined) listenOn(server, given, resolve);
    else if (address.unix === undefined) server.listen(address.port, address.host, resolve);
    else server.listen(nameBeside(address.unix), resolve);
  });
  const placed =
    address.unix === undefined ? null : given === undefined ? putInPlace(address.unix) : placedAt(address.unix);
  const port = address.unix === undefined ? (server.address() as AddressInfo).port : 0;
  let closing: Promise<void> | null = null;
  return {
    url:
      address.unix === undefined ? `http://${formatHostPort({ host: address.host, port })}` : formatHostPort(address),
    port,
    sessions: () => visitors.kept(),
    get handle() {
      return handleOf(server);
    },
    close({ keepsPlace } = { keepsPlace: false }) {
      viewers.close();
      if (!keepsPlace) placed?.remove();
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        // Whoever is being answered is answered to the end where another supervisor goes on.
        if (keepsPlace) server.closeIdleConnections();
        const cut = setTimeout(() => server.closeAllConnections(), keepsPlace ? answerMs : 0);
        server.once('close', () => clearTimeout(cut));
      });
      return closing;
    },
  };
}
