import type { Clock } from '../../base/clock.ts';
import type { MoveReason } from '../../base/move.ts';
import type { CloseRequest, Gateway, SendOutcome } from '../../gateway/contract.ts';
import { countBy } from '../../registry/counts.ts';
import { matches } from '../../registry/filter.ts';
import type { Moment } from '../../registry/moment.ts';
import { query } from '../../registry/query.ts';
import type { ConnectionRecord } from '../../registry/record.ts';
import { rowOf } from '../../registry/row.ts';
import { placesOf } from '../../registry/window.ts';
import type { Answer, Question, QuestionName, Target } from './messages.ts';
import { drainPlaceOf } from './places.ts';

/** Connections that are closed or written to before the event loop gets its turn: some milliseconds of work. */
const sliceSize = 250;

/** What questions are answered from. */
export type Answering = Pick<
  Gateway,
  | 'registry'
  | 'takeTurn'
  | 'tap'
  | 'untap'
  | 'originsSeen'
  | 'closeConnection'
  | 'drainConnection'
  | 'moveConnection'
  | 'send'
>;

/** What a worker answers, from its registry and through its gateway. */
export async function answerQuestion(
  gateway: Answering,
  question: Question,
  clock: Clock,
): Promise<Answer<QuestionName>> {
  const moment: Moment = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  const { registry } = gateway;
  switch (question.name) {
    case 'query':
      return query(registry.all(), question.filter, question.page, moment);
    case 'places':
      return placesOf(registry.all(), question.filter, question.request, moment);
    case 'rows':
      return question.ids.flatMap((id) => {
        const record = registry.get(id);
        return record === undefined ? [] : [rowOf(record, moment)];
      });
    case 'newcomers':
      return registry.takeNewcomers(question.limit).map((record) => rowOf(record, moment));
    case 'ids':
      return idsOf(gateway, { filter: question.filter }, moment);
    case 'tagNames':
      return tagNamesOf(registry.all());
    case 'get': {
      const record = registry.get(question.id);
      return record === undefined ? null : rowOf(record, moment);
    }
    case 'counts':
      return countBy(registry.all(), question.field, question.filter, moment);
    case 'tap':
      if (!question.leaves) return gateway.tap(question.id, question.viewer);
      gateway.untap(question.id, question.viewer);
      return null;
    case 'reservations':
      return reservationsOf(registry.all());
    case 'origins':
      return gateway.originsSeen();
    case 'close': {
      let closed = 0;
      await inSlices(idsOf(gateway, question.target, moment), (id) => {
        if (gateway.closeConnection(id, question.request)) closed++;
      });
      return { closed };
    }
    case 'drain-places': {
      const filter = { ...question.filter, state: 'open' } as const;
      return [...registry.all()]
        .filter((record) => matches(record, filter, moment))
        .map((record) => drainPlaceOf(record, moment.monotonicMs));
    }
    case 'drain-ids': {
      let closed = 0;
      await inSlices(question.ids, (id) => {
        const { request, moves } = question;
        if (leave(gateway, id, request, moves)) closed++;
      });
      return { closed };
    }
    case 'send': {
      const outcomes: Partial<Record<SendOutcome, number>> = {};
      await inSlices(idsOf(gateway, question.target, moment), (id) => {
        const outcome = gateway.send(id, question.message);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      });
      return outcomes;
    }
  }
}

function reservationsOf(records: Iterable<ConnectionRecord>): Answer<'reservations'> {
  const held = new Map<string, { route: string; clientAddress: string; places: number }>();
  for (const { route, clientAddress } of records) {
    const key = `${route} ${clientAddress}`;
    const known = held.get(key);
    if (known === undefined) held.set(key, { route, clientAddress, places: 1 });
    else known.places++;
  }
  return [...held.values()];
}

function leave(gateway: Answering, id: string, request: CloseRequest, moves: MoveReason | null): boolean {
  if (moves === null) return gateway.drainConnection(id, request);
  return moves === 'server-lost' ? gateway.takeTurn(id) : gateway.moveConnection(id, moves, request);
}

/** Oldest first, as they were when the question came. */
function idsOf(gateway: Answering, target: Target, moment: Moment): string[] {
  if ('id' in target) return gateway.registry.get(target.id) === undefined ? [] : [target.id];
  if ('ids' in target) return target.ids.filter((id) => gateway.registry.get(id) !== undefined);
  const ids: string[] = [];
  for (const record of gateway.registry.all()) {
    if (matches(record, target.filter, moment)) ids.push(record.id);
  }
  return ids;
}

async function inSlices(ids: readonly string[], each: (id: string) => void): Promise<void> {
  for (let start = 0; start < ids.length; start += sliceSize) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const id of ids.slice(start, start + sliceSize)) each(id);
  }
}

/** As many as a person wants to choose from. */
const tagNamesMax = 100;

function tagNamesOf(records: Iterable<ConnectionRecord>): string[] {
  const names = new Set<string>();
  for (const { tags } of records) {
    for (const name of Object.keys(tags)) names.add(name);
    if (names.size >= tagNamesMax) break;
  }
  return [...names];
}
