/**
 * A worker is killed at each step of a hand-over, the one that gives or the one that takes: what is lost is what it
 * alone held.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { converse, crowd } from './conversations.ts';
import { startTestEdge, until } from './edge.ts';
import { copyPackage } from './package-copy.ts';

const copy = copyPackage();
afterAll(() => copy.remove());

const giver = 'dist/control/handover/giver.js';
const taker = 'dist/control/handover/taker.js';
const dies = "process.kill(process.pid, 'SIGKILL');";
const diesSoon = `setTimeout(() => { ${dies} }, 30);`;
/** More than are on their way at the same time. */
const underWay = 8;
const clients = 60;

/** Replaces the first place of a method's beginning, so that the process ends there. */
const at = (place: string, what: string) => (text: string) => text.replace(place, `${place} ${what}`);

describe('the taker, which held nobody yet', () => {
  test.each([
    ['when the client’s socket has come', at("case 'parcel-client':", dies), 0],
    ['when both sockets have come', at("case 'parcel-server':", dies), 0],
    ['when it has said that it has it', at("this.#post(from, { kind: 'parcel-taken', key });", diesSoon), clients / 2],
    ['when it was told that it is its own', at("case 'parcel-yours':", dies), underWay],
  ])('%s', { retry: 0 }, async (_step, edit, lostMax) => {
    const edge = await startTestEdge({ workers: 1 }, copy.entry);
    try {
      const talk = converse(await crowd(edge, clients));
      const restore = copy.change(taker, edit);
      edge.supervisor.apply({ ...edge.supervisor.plan(), workers: 2 });
      await until(() => edge.supervisor.workers().length === 2);
      restore();
      await until(() => edge.events.some(({ kind }) => kind === 'worker-crashed'));
      await until(() => edge.supervisor.workers().length === 2);
      // What the killed one held alone: nothing before it was told that they are its own.
      const lost = talk.wrong.length;
      expect(lost).toBeLessThanOrEqual(lostMax);
      expect(talk.wrong.every((each) => each.includes('was closed'))).toBe(true);
      const { echoes } = talk;
      await until(() => talk.echoes > echoes + 500);
      expect(talk.wrong.length).toBe(lost);
      expect(edge.server.clients.size).toBe(clients - lost);
      talk.stop();
    } finally {
      await edge.close();
    }
  });
});

describe('the giver, which held all of them', () => {
  test.each([
    ['before it has given any', at('give(order) {', dies), 0, 0],
    ['when the first was taken', at('answered(answer) {', dies), 1, underWay],
    ['when it has let go of the first', at('asked: departure.release() });', diesSoon), 1, clients / 2],
  ])('%s', { retry: 0 }, async (_step, edit, leftMin, leftMax) => {
    const restore = copy.change(giver, edit);
    const edge = await startTestEdge({ workers: 1 }, copy.entry);
    restore();
    try {
      const talk = converse(await crowd(edge, clients));
      edge.supervisor.apply({ ...edge.supervisor.plan(), workers: 2 });
      await until(() => edge.events.some(({ kind }) => kind === 'worker-crashed'));
      await until(() => edge.supervisor.workers().length === 2);
      const left = clients - talk.wrong.length;
      expect(talk.wrong.every((each) => each.includes('was closed'))).toBe(true);
      // Whoever had been offered goes on with the other worker.
      expect(left).toBeGreaterThanOrEqual(leftMin);
      expect(left).toBeLessThanOrEqual(leftMax);
      const { echoes } = talk;
      if (left > 0) await until(() => talk.echoes > echoes + 100);
      expect(clients - talk.wrong.length).toBe(left);
      expect(edge.server.clients.size).toBe(left);
      talk.stop();
    } finally {
      await edge.close();
    }
  });
});
