import { describe, expect, test } from 'vitest';
import type { IncidentKind } from '../../../src/registry/incidents/incident.ts';
import { type Day, playDay } from './days.ts';

const hour = 3_600_000;

/** A crowd that joined over the hours before `hour` and talks now and then. */
function crowd(day: Day, count: number): void {
  for (let each = 0; each < count; each++) {
    const openedAtMs = day.random() * hour;
    day.join({ openedAtMs, lastDataMs: hour - day.random() * 40_000 });
  }
}

/** People go as they always do: `perMinute` of them close their page. */
function comings(day: Day, minutes: number, perMinute: number): void {
  const leavers = [...day.people].slice(0, minutes * perMinute);
  for (const person of leavers) day.leave(person, hour + day.random() * minutes * 60_000);
}

const gone = { by: 'client', cause: 'client-gone', code: 1001 } as const;
const reset = { by: 'client', cause: 'client-reset', code: 1001 } as const;
const serverGone = { by: 'server', cause: 'server-gone', code: 1011 } as const;

const bad: readonly [string, IncidentKind, string | null, (day: Day) => void][] = [
  [
    'a server is killed',
    'server',
    'http://10.1.0.2:9000',
    (day) => {
      crowd(day, 900);
      for (const each of day.people)
        if (each.server.includes('.2:')) day.leave(each, hour + day.random() * 300, serverGone);
    },
  ],
  [
    'a server is restarted and says so',
    'server',
    'http://10.1.0.1:9000',
    (day) => {
      crowd(day, 900);
      for (const each of day.people)
        if (each.server.includes('.1:'))
          day.leave(each, hour + day.random() * 900, { by: 'server', cause: 'server-close', code: 1012 });
    },
  ],
  [
    'the only server is killed',
    'server',
    'http://app',
    (day) => {
      for (let each = 0; each < 80; each++)
        day.join({ server: 'http://app', openedAtMs: day.random() * hour, lastDataMs: hour - 3000 });
      for (const each of day.people) day.leave(each, hour + day.random() * 50, serverGone);
    },
  ],
  [
    'all servers at once',
    'servers',
    null,
    (day) => {
      crowd(day, 600);
      for (const each of day.people) day.leave(each, hour + day.random() * 2000, serverGone);
    },
  ],
  [
    'one of three proxies is reloaded',
    'proxy',
    '10.0.0.2',
    (day) => {
      crowd(day, 900);
      for (const each of day.people)
        if (each.peerAddress === '10.0.0.2') day.leave(each, hour + day.random() * 100, gone);
    },
  ],
  [
    'the only proxy is restarted',
    'proxy',
    '10.0.0.9',
    (day) => {
      for (let each = 0; each < 300; each++)
        day.join({
          peerAddress: '10.0.0.9',
          openedAtMs: day.random() * hour,
          lastDataMs: hour - day.random() * 40_000,
        });
      for (const each of day.people) day.leave(each, hour + day.random() * 500, day.random() < 0.5 ? gone : reset);
    },
  ],
  [
    'a proxy is restarted 17 s after a message to everybody',
    'proxy',
    '10.0.0.1',
    (day) => {
      crowd(day, 900);
      for (const each of day.people) {
        each.lastDataMs = hour - 17_000;
        if (each.peerAddress === '10.0.0.1') day.leave(each, hour + day.random() * 100, gone);
      }
    },
  ],
  [
    'silent connections are cut after 60 s by nginx, one by one',
    'silent-hop',
    '60 s',
    (day) => {
      crowd(day, 200);
      for (const each of day.people) {
        each.lastDataMs = hour + day.random() * 120_000;
        day.leave(each, each.lastDataMs + 60_000 + day.random() * 900, gone);
      }
    },
  ],
  [
    'a crowd that joined together is cut together after 100 s',
    'silent-hop',
    '100 s',
    (day) => {
      for (let each = 0; each < 120; each++) day.join({ openedAtMs: hour, lastDataMs: hour + day.random() * 200 });
      for (const each of day.people) day.leave(each, each.lastDataMs + 100_000 + day.random() * 300, gone);
    },
  ],
  [
    'one hour of age ends them, whatever they do',
    'age-limit',
    '1800.0 s',
    (day) => {
      for (let each = 0; each < 150; each++) {
        const openedAtMs = hour + each * 150;
        day.leave(
          day.join({ openedAtMs, lastDataMs: openedAtMs + 1_800_000 - day.random() * 20_000 }),
          openedAtMs + 1_800_050,
          { by: 'client', cause: 'client-reset', code: 1001 },
        );
      }
    },
  ],
  [
    'one version of a browser',
    'browser',
    'Chrome 131',
    (day) => {
      crowd(day, 1500);
      for (const each of day.people)
        if (each.userAgent!.includes('Chrome/131')) day.leave(each, hour + day.random() * 3000, reset);
    },
  ],
  [
    'a network falls',
    'network',
    '84.17.0.0/16',
    (day) => {
      crowd(day, 600);
      for (let each = 0; each < 150; each++)
        day.leave(
          day.join({
            clientAddress: `84.17.${each}.9`,
            openedAtMs: day.random() * hour,
            lastDataMs: hour - day.random() * 9000,
          }),
          hour + day.random() * 4000,
          { by: 'edge', cause: 'heartbeat-lost', code: 1001 },
        );
    },
  ],
  [
    'the edge’s own idle timeout',
    'edge-rule',
    'idle-timeout',
    (day) => {
      crowd(day, 300);
      for (const each of [...day.people].slice(0, 60))
        day.leave(each, hour + day.random() * 800, { by: 'edge', cause: 'idle-timeout', code: 1001 });
    },
  ],
  [
    'nothing in common',
    'unnamed',
    null,
    (day) => {
      crowd(day, 900);
      for (const [index, each] of [...day.people].entries())
        if (index % 3 === 0) day.leave(each, hour + day.random() * 900, reset);
    },
  ],
];

describe('bad days', () => {
  test.each(bad)('%s', (_title, kind, subject, story) => {
    for (const seed of [1, 2, 3]) {
      const incidents = playDay(story, seed);
      expect(incidents.map((each) => [each.kind, each.subject])).toEqual([[kind, subject]]);
      expect(incidents[0]!.evidence.length).toBeGreaterThan(0);
      expect(incidents[0]!.sentence).toMatch(/\d+ connections/);
    }
  });

  test('the sentences, as they are read', () => {
    const sentences = bad.map(([, , , story]) => playDay(story)[0]!.sentence);
    expect(sentences).toMatchSnapshot();
  });
});

const innocent: readonly [string, (day: Day) => void][] = [
  [
    'a deploy at a pace: the edge drains 20 a second for five minutes',
    (day) => {
      crowd(day, 6000);
      comings(day, 10, 20);
      for (const [index, each] of [...day.people].slice(300, 6000).entries())
        day.leave(each, hour + index * 50, { by: 'operator', cause: 'drain', code: 1012 });
    },
  ],
  [
    'night falls: from 9,000 to a few hundred in two hours',
    (day) => {
      crowd(day, 9000);
      for (const each of [...day.people].slice(0, 8700))
        day.leave(each, hour + day.random() ** 0.7 * 2 * hour, day.random() < 0.85 ? {} : gone);
    },
  ],
  [
    'one phone network flaps: some of its phones vanish every minute',
    (day) => {
      crowd(day, 2000);
      comings(day, 30, 10);
      for (let minute = 0; minute < 30; minute++) {
        const lost = 15 + Math.floor(day.random() * 60);
        for (let each = 0; each < lost; each++)
          day.leave(
            day.join({
              clientAddress: `91.20.${Math.floor(day.random() * 250)}.${each}`,
              openedAtMs: hour - day.random() * 60_000,
              lastDataMs: hour + minute * 60_000 - day.random() * 30_000,
            }),
            hour + minute * 60_000 + day.random() * 2500,
            day.random() < 0.5 ? reset : { by: 'edge', cause: 'heartbeat-lost', code: 1001 },
          );
      }
    },
  ],
];

describe('innocent days', () => {
  test.each(innocent)('%s: nothing that is wrong', (_title, story) => {
    for (const seed of [1, 2, 3, 4]) {
      const wrong = playDay(story, seed).filter((each) => each.kind !== 'network' || each.subject !== '91.20.0.0/16');
      expect(wrong.map((each) => [each.kind, each.subject, each.sentence])).toEqual([]);
    }
  });
});
