/**
 * What is known of the connections of a supervised nginx: the table of the living, and the chronicle of what happened.
 */
import type { EndedRecord } from '../../../registry/history/ended.ts';
import { type Chronicle, chronicle } from '../../history/chronicle.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import { unreachableOnce } from '../../log/unreachable.ts';
import type { Question } from '../../workers/messages.ts';
import { answerQuestion } from '../../workers/question-answers.ts';
import { edgeQuestions, type WorkerQuestions } from '../../workers/questions.ts';
import { heaviest, type WorkerStatus } from '../../workers/state.ts';
import { connectionRefusals } from './refusals.ts';
import { reporting } from './reports.ts';
import type { Running } from './running.ts';
import { ConnectionTable } from './table.ts';

export interface NginxBooks {
  readonly table: ConnectionTable;
  readonly questions: WorkerQuestions;
  readonly told: Chronicle;
  readonly note: EdgeEventSink;
}

export interface NginxBooksOptions {
  readonly running: Running;
  readonly remembered: readonly EndedRecord[];
  readonly onEvent: EdgeEventSink;
  readonly workers: () => readonly WorkerStatus[];
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

/** The table itself knows whom a worker held. */
const noRoster = {
  size: 0,
  tick: async () => undefined,
  left: () => undefined,
  kept: () => [],
  restore: () => undefined,
  lost: () => [],
};

export function openBooks(options: NginxBooksOptions): NginxBooks {
  const { running, remembered, onEvent, workers, nowMs, monotonicMs } = options;
  const isToldOf = unreachableOnce();
  const note: EdgeEventSink = (event) => {
    if (!isToldOf(event, nowMs())) return;
    told.note(event);
    onEvent(event);
  };
  const knownEnds = new Set(remembered.map(({ id }) => id));
  const table = new ConnectionTable({
    nowMs,
    monotonicMs,
    plan: () => running.settled.plan,
    ...reporting({ note, nowMs, isKnown: (id) => knownEnds.has(id) }),
  });
  const answering = { ...connectionRefusals, registry: table.registry, originsSeen: () => table.origins };
  const questions = edgeQuestions(
    {
      askAll: async (name, ask) => [
        (await answerQuestion(answering, { name, ...ask } as Question, { nowMs, monotonicMs })) as never,
      ],
    },
    nowMs,
  );
  const told = chronicle({
    nowMs,
    read: () => ({ totals: table.totals, ...heaviest(workers()) }),
    survivors: questions.survivors,
    roster: noRoster,
    onLost: () => undefined,
    onIncident: (incident) => note({ kind: 'incident', incident }),
  });
  told.remember(remembered);
  return { table, questions, told, note };
}
