import { printable } from '../../base/printable.ts';
import type { Incident } from '../../registry/incidents/incident.ts';
import { levelOf } from '../log/log.ts';
import type { EdgeEvent } from '../log/notices.ts';
import { eventText } from '../log/text.ts';

/** One line of the timeline: what `/events` and the page show. */
export interface EventRow {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: EdgeEvent['kind'];
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  /** Who did it, of what somebody did. */
  readonly who: string | null;
  readonly incident: Incident | null;
}

/** Longer ones are those of strangers. */
const textMax = 1000;

/**
 * null for what is no event of the edge's own: connections have the history, refusals come in crowds and are counted.
 */
export function eventRow(event: EdgeEvent, nowMs: number): EventRow | null {
  if (event.kind === 'refused' || event.kind === 'suppressed' || event.kind === 'instance-output') return null;
  const text = eventText(event);
  if (text === null) return null;
  return {
    atMs: 'atMs' in event ? event.atMs : nowMs,
    kind: event.kind,
    level: levelOf(event),
    text: printable(text.sentence).slice(0, textMax),
    who: event.kind === 'steered' ? event.who : null,
    incident: event.kind === 'incident' ? event.incident : null,
  };
}
