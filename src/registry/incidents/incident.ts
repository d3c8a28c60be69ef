import type { EndedRecord } from '../history/ended.ts';

/** What the namer looks at of an ended connection. */
export type Ended = Pick<
  EndedRecord,
  | 'endedAtMs'
  | 'ageMs'
  | 'idleMs'
  | 'cause'
  | 'by'
  | 'code'
  | 'route'
  | 'server'
  | 'clientAddress'
  | 'peerAddress'
  | 'userAgent'
>;

/** Why many connections ended together: one closed union, for the events, the page and the tests. */
export const incidentKinds = {
  'silent-hop': 'a hop on the way cut connections that were silent for as long as its idle timeout',
  'age-limit': 'a hop on the way, or the application, ended connections of one age',
  server: 'one server closed or lost its connections: it crashed, was restarted or was deployed',
  servers: 'several servers closed or lost connections together',
  proxy: 'a proxy in front dropped its connections without a close frame: it was reloaded or restarted',
  network: 'one network of clients lost its connections',
  browser: 'connections of one browser and version ended, and others stayed',
  worker: 'a worker process of the edge died with its connections',
  'edge-rule': 'a rule of the edge itself ended them',
  unnamed: 'many connections ended together, and nothing that they share explains it',
} as const;

export type IncidentKind = keyof typeof incidentKinds;

/** Many connections that ended together, with the probable cause. */
export interface Incident {
  readonly kind: IncidentKind;
  /** Milliseconds since 1970: the first and the last end. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly connections: number;
  /** What is to blame: a URL, an address, `60 s`, `Chrome 131`; null when nothing is. */
  readonly subject: string | null;
  /** One sentence for people. */
  readonly sentence: string;
  /** What speaks for it, a short sentence each. */
  readonly evidence: readonly string[];
  /** A filter of the history that finds these connections, within the time. */
  readonly filter: string;
}
