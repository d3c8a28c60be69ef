import type { Now } from '../../registry/live.ts';
import { placeNow } from './address.ts';
import { ask, whenSignedOut } from './api.ts';
import { charts } from './charts.ts';
import { connectionsView, type View } from './connections-view.ts';
import { byId, element, setText } from './dom.ts';
import { eventsView } from './events-view.ts';
import { historyView } from './history-view.ts';
import { nowView } from './now-view.ts';
import { clock, duration } from './shown.ts';
import { signIn } from './sign-in.ts';
import { attempt } from './steer.ts';
import { switchGate } from './steer-edge.ts';
import { follow } from './stream.ts';

interface Session {
  readonly name: string | null;
  readonly role: 'read' | 'steer' | null;
}

const view = byId('view');

async function start(): Promise<void> {
  const session = await ask<Session>('GET', '/session').catch(() => null);
  if (session === null) return void setTimeout(() => void start(), 1000);
  if (session.role === null) return void view.replaceChildren(signIn(() => void start()));
  run(session);
}

/** Everything that lives as long as the session does. */
function run(session: Session): void {
  const steers = session.role === 'steer';
  const drawn = charts();
  const overview = nowView(drawn.root, steers);
  const timeline = eventsView();
  const gate = element('button', {
    type: 'button',
    hidden: !steers,
    onclick: () => switchGate(!(latest?.gateClosed ?? false), null),
  });
  const leave = element(
    'button',
    { type: 'button', hidden: session.name === 'local', onclick: () => void attempt(signOut, alertText) },
    'Sign out',
  );
  byId('tools').replaceChildren(gate, leave);
  let latest: Now | null = null;
  let table: View | null = null;
  let shown = '';

  function show(): void {
    const place = placeNow();
    const name = ['now', 'connections', 'history', 'events'].includes(place.view) ? place.view : 'now';
    const key = name === 'now' || name === 'events' ? name : location.hash;
    if (key === shown) return;
    shown = key;
    table?.close();
    table = name === 'connections' ? connectionsView(steers) : name === 'history' ? historyView() : null;
    view.replaceChildren(table?.root ?? (name === 'events' ? timeline.root : overview.root));
    table?.refresh();
    for (const link of document.querySelectorAll('nav a')) {
      if (link.getAttribute('href') === `#${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  function showNow(now: Now): void {
    latest = now;
    overview.show(now);
    setText(gate, now.gateClosed ? 'Open the gate…' : 'Close the gate…');
    setText(byId('contact'), `${now.version}, up for ${duration(now.atMs - now.startedAtMs)}`);
    byId('contact').className = '';
    const problems = byId('problems');
    const texts = now.problems;
    if (
      problems.childElementCount !== texts.length ||
      [...problems.children].some((each, at) => each.textContent !== texts[at])
    ) {
      problems.replaceChildren(...texts.map((text) => element('p', {}, text)));
    }
    if (document.visibilityState === 'visible') table?.refresh();
  }

  const stream = follow({
    snapshot(snapshot) {
      showNow(snapshot.now);
      drawn.begin(snapshot.seconds);
      timeline.add(snapshot.events);
    },
    now(now) {
      showNow(now);
      if (now.second !== null) drawn.add(now.atMs, now.second);
    },
    event: (event) => timeline.add([event]),
    contact(lostAtMs) {
      const contact = byId('contact');
      if (lostAtMs === null) return;
      setText(contact, `no contact since ${clock(lostAtMs)}; trying again`);
      contact.className = 'lost';
      // A session may have ended with the edge; then there is no contact because nobody is let in.
      void ask<Session>('GET', '/session').then(
        (now) => now.role ?? end(),
        () => undefined,
      );
    },
  });

  function end(): void {
    stream.close();
    drawn.close();
    removeEventListener('hashchange', show);
    void start();
  }

  async function signOut(): Promise<void> {
    await ask('DELETE', '/session');
    end();
  }

  function alertText(text: string): void {
    byId('problems').replaceChildren(element('p', {}, text));
  }

  whenSignedOut(end);
  addEventListener('hashchange', show);
  addEventListener('keydown', slashFocuses);
  show();
}

/** `/` goes to the filter, as on other pages with one. */
function slashFocuses(event: KeyboardEvent): void {
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
  const box = document.querySelector<HTMLInputElement>('input[type=search]');
  if (box === null) return;
  event.preventDefault();
  box.focus();
}

void start();
