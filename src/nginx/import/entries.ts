/** Which locations of a server become routes, and which of its requests end up where. */
import { backendHeaders } from '../effective/headers.ts';
import { locate } from '../effective/locate.ts';
import type { Effective, Location, Server } from '../effective/model.ts';
import { webSocketLocations } from '../lint/websocket.ts';
import type { LocationPaths } from './location-paths.ts';
import { pathsOf } from './location-paths.ts';
import { candidateOrigins } from './origin-candidates.ts';
import { ask, type RouteTask } from './task.ts';

export interface Entry extends LocationPaths {
  readonly server: Server;
  readonly location: Location;
  readonly final: RouteTask['final'];
  /** The address that requests go to, variables replaced, `http://10.0.0.1:3000`; null when it was not seen. */
  readonly to: string | null;
  /** An Origin with which handshakes get through; null where none is needed. */
  readonly origin: string | null;
  readonly webSocket: boolean;
}

/** Locations that take requests by their path and proxy them, at once or through jumps and conditions. */
export function entriesOf(model: Effective): readonly Entry[] {
  const carrying = new Set(
    webSocketLocations({
      effective: model,
      routes: [],
      marked: new Set(),
      headers: (location) => backendHeaders(model, location),
    })
      .filter(({ because }) => because === 'headers')
      .map(({ location }) => location),
  );
  return model.locations.flatMap((location): Entry[] => {
    if (location.kind !== 'location' || location.modifier === '@' || location.own.has('internal')) return [];
    const paths = pathsOf(location);
    const ended = endOf(model, location, paths.paths, carrying);
    if (ended === null) return [];
    const { final, to, origin } = ended;
    return [
      {
        ...paths,
        server: location.server,
        location,
        final,
        to,
        origin,
        webSocket: carrying.has(final) || carrying.has(outer(final)),
      },
    ];
  });
}

function endOf(
  model: Effective,
  entry: Location,
  paths: readonly string[],
  carrying: ReadonlySet<Location>,
): Pick<Entry, 'final' | 'to' | 'origin'> | null {
  const { server } = entry;
  const samples = (paths.length > 0 ? paths : ['/']).flatMap((path) => [
    path,
    path === '/' ? '/room' : `${path}/`,
    `${path === '/' ? '' : path}/room`,
  ]);
  const taken = samples.filter((path) => {
    const found = locate(server, path);
    return found.location === entry && found.redirectTo === null;
  });
  // Handshakes first: a configuration may send them elsewhere than the pages.
  for (const kind of ['websocket', 'plain'] as const)
    for (const path of taken)
      for (const origin of [null, ...candidateOrigins(model, entry)]) {
        const { outcome } = ask(model, server, { kind, path, origin });
        if (outcome.kind === 'proxied' && (kind === 'websocket' || !carrying.has(entry)))
          return { final: outcome.location as Entry['final'], to: outcome.to.known ? outcome.to.text : null, origin };
      }
  return entry.handler.kind === 'proxy' ? { final: entry as Entry['final'], to: null, origin: null } : null;
}

function outer(location: Location): Location {
  let at = location;
  while (at.kind !== 'location' && (at.parent.kind === 'location' || at.parent.kind === 'if'))
    at = at.parent as Location;
  return at;
}
