import type { CloseRequest, EdgeMessage, SendOutcome } from '../../gateway/contract.ts';
import { type CountField, mergeCounts } from '../../registry/counts.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';
import type { Survivors } from '../../registry/incidents/population.ts';
import { mergeOrigins, type OriginsSeen } from '../../registry/origins-seen.ts';
import { mergePages, type Page, type PageRequest } from '../../registry/query.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import { mergeTaps, type TapAnswer } from '../../registry/tap.ts';
import { mergePlaces, type WindowRequest } from '../../registry/window.ts';
import type { Target } from './messages.ts';
import type { WorkerPool } from './pool.ts';

/** What can be asked of all workers together, and what they can be told to do with their connections. */
export interface WorkerQuestions {
  query(filter: ConnectionFilter, page: PageRequest): Promise<Page>;
  /** Rows of a table, in any order. */
  window(filter: ConnectionFilter, request: WindowRequest): Promise<Window>;
  connection(id: string): Promise<ConnectionRow | null>;
  /** Ids of all that match, as of now. */
  ids(filter: ConnectionFilter): Promise<string[]>;
  counts(field: CountField, filter: ConnectionFilter): Promise<Record<string, number>>;
  /** Names of the tags that live connections have; a hundred at most. */
  tagNames(): Promise<string[]>;
  /**
   * What came on a connection since this viewer asked last, by the headers of its frames; null when it is not there.
   */
  tap(id: string, viewer: string): Promise<TapAnswer | null>;
  untap(id: string, viewer: string): Promise<void>;
  /** What the workers that run now have seen; a crashed one's origins are forgotten with it. */
  originsSeen(): Promise<OriginsSeen>;
  /** How many closes were begun. */
  closeConnections(target: Target, request: CloseRequest): Promise<number>;
  send(target: Target, message: EdgeMessage): Promise<Partial<Record<SendOutcome, number>>>;
  /** Open connections that were open by then, by what they share. */
  survivors(openedBeforeMs: number): Promise<Survivors>;
}

export interface Window {
  readonly rows: readonly ConnectionRow[];
  readonly matched: number;
  readonly offset: number;
}

export function edgeQuestions(pool: Pick<WorkerPool, 'askAll'>, nowMs: () => number): WorkerQuestions {
  const counts: WorkerQuestions['counts'] = async (field, filter) =>
    mergeCounts(await pool.askAll('counts', { field, filter }));
  return {
    counts,
    async query(filter, page) {
      return mergePages(await pool.askAll('query', { filter, page }), page.limit);
    },
    async window(filter, request) {
      const { matched, ids } = mergePlaces(await pool.askAll('places', { filter, request }), request);
      const found = (await pool.askAll('rows', { ids })).flat();
      // In the order of the places; one that ended between the two questions is left out.
      const byId = new Map(found.map((row) => [row.id, row]));
      return { rows: ids.flatMap((id) => byId.get(id) ?? []), matched, offset: request.offset };
    },
    async connection(id) {
      const answers = await pool.askAll('get', { id });
      return answers.find((answer) => answer !== null) ?? null;
    },
    async ids(filter) {
      return (await pool.askAll('ids', { filter })).flat();
    },
    async tagNames() {
      return [...new Set((await pool.askAll('tagNames', {})).flat())].sort().slice(0, 100);
    },
    async tap(id, viewer) {
      return mergeTaps(await pool.askAll('tap', { id, viewer, leaves: false }));
    },
    async untap(id, viewer) {
      await pool.askAll('tap', { id, viewer, leaves: true });
    },
    async originsSeen() {
      return mergeOrigins(await pool.askAll('origins', {}));
    },
    async closeConnections(target, request) {
      const answers = await pool.askAll('close', { target, request });
      return answers.reduce((sum, answer) => sum + answer.closed, 0);
    },
    async send(target, message) {
      return mergeCounts(await pool.askAll('send', { target, message }));
    },
    async survivors(openedBeforeMs) {
      const filter = { minAgeMs: Math.max(0, nowMs() - openedBeforeMs), state: 'open' } as const;
      const [server, proxy, network, browser] = await Promise.all([
        counts('server', filter),
        counts('proxy', filter),
        counts('network', filter),
        counts('browser', filter),
      ]);
      return { server, proxy, network, browser };
    },
  };
}
