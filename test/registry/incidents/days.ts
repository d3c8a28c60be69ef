/**
 * Days as the namer sees them: connections that live, end and share things. Seeded, so that each day is the same
 * whenever it is run.
 */
import { BurstDetector } from '../../../src/registry/incidents/burst.ts';
import type { Ended, Incident } from '../../../src/registry/incidents/incident.ts';
import { nameBurst } from '../../../src/registry/incidents/name.ts';
import { type Attribute, attributes, type Survivors } from '../../../src/registry/incidents/population.ts';
import { SilenceWatch } from '../../../src/registry/incidents/silence.ts';

export interface Person extends Omit<Ended, 'endedAtMs' | 'ageMs' | 'idleMs' | 'cause' | 'by' | 'code'> {
  readonly openedAtMs: number;
  lastDataMs: number;
}

export interface Day {
  readonly random: () => number;
  readonly people: Set<Person>;
  join(fields?: Partial<Person>): Person;
  /** Ends one connection; by default its page was closed. */
  leave(person: Person, atMs: number, how?: Partial<Ended>): void;
}

const chrome = (version: number) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/${version}.0.0.0 Safari/537.36`;

/** Plays a day and returns what it is told of: everything that ends, in order of time, a tick each second. */
export function playDay(story: (day: Day) => void, seed = 1): Incident[] {
  const random = seeded(seed);
  const ends: { ended: Ended; left: Person }[] = [];
  const people = new Set<Person>();
  story({
    random,
    people,
    join: (fields = {}) => {
      const person: Person = {
        openedAtMs: 0,
        lastDataMs: 0,
        route: 'chat',
        server: `http://10.1.0.${1 + Math.floor(random() * 3)}:9000`,
        clientAddress: `${20 + Math.floor(random() * 60)}.${Math.floor(random() * 200)}.${Math.floor(random() * 250)}.7`,
        peerAddress: `10.0.0.${1 + Math.floor(random() * 3)}`,
        userAgent: chrome(128 + Math.floor(random() * 5)),
        ...fields,
      };
      people.add(person);
      return person;
    },
    leave: (person, atMs, how = {}) => {
      const { openedAtMs, lastDataMs, ...shared } = person;
      const usual = { by: 'client', cause: 'client-close', code: 1001 } as const;
      ends.push({
        left: person,
        ended: { ...shared, endedAtMs: atMs, ageMs: atMs - openedAtMs, idleMs: atMs - lastDataMs, ...usual, ...how },
      });
    },
  });
  return observe(people, ends);
}

function observe(people: Set<Person>, ends: { ended: Ended; left: Person }[]): Incident[] {
  ends.sort((a, b) => a.ended.endedAtMs - b.ended.endedAtMs);
  const alive = new Set(people);
  const bursts = new BurstDetector();
  const silences = new SilenceWatch();
  const incidents: Incident[] = [];
  let at = 0;
  const lastMs = (ends.at(-1)?.ended.endedAtMs ?? 0) + 40_000;
  for (let nowMs = ends[0]?.ended.endedAtMs ?? 0; nowMs <= lastMs; nowMs += 1000) {
    while (at < ends.length && ends[at]!.ended.endedAtMs <= nowMs) {
      const { ended, left } = ends[at++]!;
      alive.delete(left);
      bursts.add(ended);
      silences.add(ended);
    }
    const burst = bursts.tick(nowMs);
    if (burst !== null) {
      const incident = nameBurst(burst, survivorsAmong([...alive].filter((each) => each.openedAtMs < burst.fromMs)));
      silences.said(incident, nowMs);
      incidents.push(incident);
    }
    const trickle = silences.tick(nowMs);
    if (trickle !== null) incidents.push(trickle);
  }
  return incidents;
}

function survivorsAmong(people: readonly Person[]): Survivors {
  const count = (name: Attribute) => {
    const counts: Record<string, number> = {};
    for (const person of people) {
      const value = attributes[name](person as unknown as Ended);
      if (value !== null) counts[value] = (counts[value] ?? 0) + 1;
    }
    return counts;
  };
  return { server: count('server'), proxy: count('proxy'), network: count('network'), browser: count('browser') };
}

/** mulberry32, as its author put it into the public domain; 0 <= x < 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
