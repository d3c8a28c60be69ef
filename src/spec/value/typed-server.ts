/**
 * Servers as people type them at a terminal, put into the form that a spec has. What makes no sense stays as it is, for
 * the spec's reader to say so.
 */

export interface TypedServer {
  readonly server: string;
  /** Path that stood behind the address; null for none. */
  readonly path: string | null;
}

/** `3000`, `:3000`, `localhost:3000`, `http://…/path`, `ws://…`, `unix:app.sock`, `./app.sock`, `/run/app.sock`. */
export function typedServer(typed: string, directory: string): TypedServer {
  const text = typed.trim();
  const port = /^:?(\d{1,5})$/.exec(text)?.[1];
  // By name a server on ::1 alone is found as well.
  if (port !== undefined) return { server: `http://localhost:${port}`, path: null };
  const socket = typedSocket(text, directory);
  if (socket !== null) return { server: socket, path: null };
  const url = text.replace(/^ws(s?):\/\//i, 'http$1://');
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  const [, origin = withScheme, path = ''] = /^([^/]*\/\/[^/?#]*)([^?#]*)$/.exec(withScheme) ?? [];
  return { server: origin, path: path === '' || path === '/' ? null : path };
}

/** `unix:app.sock`, `./app.sock`, `/run/app.sock` with its whole path; null for what is no path. */
export function typedSocket(typed: string, directory: string): string | null {
  const text = typed.trim();
  const path =
    /^(?:http:\/\/)?unix:(?:\/\/(?=\/))?(.+)$/i.exec(text)?.[1] ??
    (/^[./]|^[^:/]+\.sock$/.test(text) ? text : undefined);
  if (path === undefined) return null;
  if (path.startsWith('/') || path.startsWith('@')) return `unix:${path}`;
  const parts = `${directory}/${path}`.split('/');
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '..') kept.pop();
    else if (part !== '.' && part !== '') kept.push(part);
  }
  return `unix:/${kept.join('/')}`;
}
