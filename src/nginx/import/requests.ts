/** Requests by which the configuration and the spec are held against each other: what both should do alike. */
import type { ProvedRequest } from './model.ts';
import { strangeOrigin } from './origins.ts';
import { samplesUnder } from './request-paths.ts';
import { hostOf, type RouteTask } from './task.ts';

/** Handshakes and an ordinary request under one path of one host, with origins that pass and one that does not. */
export function requestsFor(task: RouteTask, path: string, host: string | null): readonly ProvedRequest[] {
  const { server, route, webSocket, origin: passing } = task;
  const listen =
    server.listens.find(({ quic, port }) => !quic && port !== null) ?? server.listens.find(({ quic }) => !quic);
  const common = {
    scheme: listen?.ssl === true ? ('https' as const) : ('http' as const),
    port: listen?.port ?? null,
    host: host === null ? hostOf(server) : host.replace(/^\*/, 'any'),
  };
  const allowed = originsIn(route.origins);
  const [first = null] = allowed ?? [`https://${common.host}`];
  const asked = samplesUnder(task, path).map((target) => {
    const [bare = '', query = ''] = target.split('?');
    return { path: bare, query };
  });
  const sockets = webSocket
    ? asked.map((each): ProvedRequest => ({ ...common, ...each, kind: 'websocket', origin: first }))
    : [];
  const plain = asked.slice(-1).map((each): ProvedRequest => ({ ...common, ...each, kind: 'plain', origin: passing }));
  const [one] = asked;
  if (allowed === null || one === undefined || !webSocket) return [...sockets, ...plain];
  const others = [...allowed.slice(1), strangeOrigin, null];
  return [
    ...sockets,
    ...plain,
    ...others.map((origin): ProvedRequest => ({ ...common, ...one, kind: 'websocket', origin })),
  ];
}

/** An origin for each entry; null where any may come. */
function originsIn(origins: RouteTask['route']['origins']): string[] | null {
  if (origins === undefined) return null;
  const list = Array.isArray(origins) ? origins : origins.allow;
  if (list === 'any') return ['https://any.example.com'];
  return list.map((entry) => entry.replace('://*.', '://zq7.'));
}
