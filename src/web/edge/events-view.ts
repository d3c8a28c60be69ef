import type { LiveEvent } from '../../registry/live.ts';
import { element } from './dom.ts';
import { link } from './now-view.ts';
import { moment } from './shown.ts';

/** As many as a browser holds without being asked for more. */
const eventsMax = 1000;

/** The timeline, newest first. */
export interface EventsView {
  readonly root: HTMLElement;
  add(events: readonly LiveEvent[]): void;
}

export function eventsView(): EventsView {
  const list = element('ol', { class: 'events' });
  const root = element('section', {}, element('h2', {}, 'Events'), list);
  const known = new Set<number>();
  return {
    root,
    add(events) {
      for (const event of events) {
        if (known.has(event.number)) continue;
        known.add(event.number);
        list.prepend(lineOf(event));
      }
      while (list.children.length > eventsMax) list.lastElementChild!.remove();
    },
  };
}

function lineOf(event: LiveEvent): HTMLElement {
  const { incident } = event;
  return element(
    'li',
    { class: `level-${event.level}` },
    element('time', {}, moment(event.atMs)),
    element('b', {}, event.kind),
    element('span', {}, event.text),
    incident === null
      ? null
      : element(
          'ul',
          {},
          ...incident.evidence.map((sentence) => element('li', {}, sentence)),
          element('li', {}, link('these connections in the history', 'history', incident.filter)),
        ),
  );
}
