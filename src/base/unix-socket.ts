/** Unix sockets as nginx and systemd write them: `unix:/run/app.sock`. */

/**
 * What `sockaddr_un` holds on Linux is 107 bytes and a zero (unix(7)). A listener is bound beside its place first,
 * under a name that is up to seven bytes longer.
 */
export const socketPathBytesMax = 100;

/** The path of `unix:/run/app.sock`; null for anything that is not written so. */
export function socketPathOf(url: string): string | null {
  return url.startsWith('unix:') ? url.slice('unix:'.length) : null;
}

/** Where a Unix socket is to stand, and who may open it. */
export interface SocketPlace {
  readonly path: string;
  /** Permissions, as chmod takes them: 0o660. */
  readonly mode: number;
  /** `www-data`, `www-data:www-data`, `33:33`; null leaves it to whoever runs the edge. */
  readonly owner: string | null;
}
