import type { ConnectionRow } from '../../registry/row.ts';
import { bytes, count, duration } from './shown.ts';

export interface PageColumn {
  readonly title: string;
  /** The filter's word, which is what the edge sorts by. */
  readonly sort: string | null;
  readonly cell: (row: ConnectionRow) => string;
  readonly number: boolean;
  /** Shown until somebody chooses otherwise; `wide` only where there is room. */
  readonly shown: 'always' | 'wide' | 'no';
}

const none = '–';

export const pageColumns: readonly PageColumn[] = [
  { title: 'Client', sort: 'client', cell: (row) => row.clientAddress, number: false, shown: 'always' },
  { title: 'Age', sort: 'age', cell: (row) => duration(row.ageMs), number: true, shown: 'always' },
  { title: 'Idle', sort: 'idle', cell: (row) => duration(row.idleMs), number: true, shown: 'wide' },
  { title: 'Route', sort: 'route', cell: (row) => row.route, number: false, shown: 'always' },
  { title: 'Tags', sort: null, cell: (row) => tagsOf(row), number: false, shown: 'wide' },
  {
    title: 'Server',
    sort: 'server',
    cell: (row) => row.server.replace(/^https?:\/\//, ''),
    number: false,
    shown: 'wide',
  },
  {
    title: 'RTT',
    sort: 'rtt',
    cell: (row) => (row.rttMs === null ? none : `${row.rttMs.toFixed(row.rttMs < 10 ? 1 : 0)} ms`),
    number: true,
    shown: 'wide',
  },
  { title: 'In', sort: 'in', cell: (row) => count(row.clientMessages), number: true, shown: 'always' },
  { title: 'Out', sort: 'out', cell: (row) => count(row.serverMessages), number: true, shown: 'wide' },
  { title: 'Bytes in', sort: 'bytes-in', cell: (row) => bytes(row.clientBytes), number: true, shown: 'no' },
  { title: 'Bytes out', sort: 'bytes-out', cell: (row) => bytes(row.serverBytes), number: true, shown: 'no' },
  { title: 'Waiting', sort: 'queue', cell: (row) => bytes(row.bufferedBytes), number: true, shown: 'wide' },
  { title: 'Origin', sort: 'origin', cell: (row) => row.origin ?? none, number: false, shown: 'no' },
  { title: 'Host', sort: 'host', cell: (row) => row.host, number: false, shown: 'no' },
  { title: 'Path', sort: 'path', cell: (row) => row.path, number: false, shown: 'no' },
  { title: 'User agent', sort: 'ua', cell: (row) => row.userAgent ?? none, number: false, shown: 'no' },
  { title: 'Subprotocol', sort: 'subprotocol', cell: (row) => row.subprotocol ?? none, number: false, shown: 'no' },
  {
    title: 'Proxy',
    sort: 'proxy',
    cell: (row) => (row.peerAddress === row.clientAddress ? none : row.peerAddress),
    number: false,
    shown: 'no',
  },
  { title: 'Id', sort: 'id', cell: (row) => row.id, number: false, shown: 'no' },
];

export function tagsOf({ tags }: Pick<ConnectionRow, 'tags'>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
}
