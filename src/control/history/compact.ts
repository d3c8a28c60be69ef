import { intern } from '../../gateway/intern.ts';
import type { ConnectionRow } from '../../registry/row.ts';

type Shared = Pick<
  ConnectionRow,
  'peerAddress' | 'route' | 'upstream' | 'server' | 'host' | 'path' | 'origin' | 'userAgent' | 'subprotocol' | 'tags'
>;

/** Each row came as a message of its own, with strings of its own that thousands of rows share. */
export function compactRow<Row extends Shared>(row: Row): Row {
  return {
    ...row,
    peerAddress: intern(row.peerAddress),
    route: intern(row.route),
    upstream: intern(row.upstream),
    server: intern(row.server),
    host: intern(row.host),
    path: intern(row.path),
    origin: intern(row.origin),
    userAgent: intern(row.userAgent),
    subprotocol: intern(row.subprotocol),
    tags: Object.keys(row.tags).length === 0 ? noTags : row.tags,
  };
}

const noTags = Object.freeze({});
