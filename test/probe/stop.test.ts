/** A probe that is stopped says so, and blames nobody for what it cut off itself. */
import { afterEach, expect, test } from 'vitest';
import { probe } from '../../src/probe/probe.ts';
import { cleanUp, rawEndpoint, wsEcho } from './endpoints.ts';

afterEach(cleanUp);

test('while it waits for an answer', async () => {
  const stop = new AbortController();
  const port = await rawEndpoint((socket) => socket.once('data', () => stop.abort()));
  const report = await probe(`ws://127.0.0.1:${port}/`, { signal: stop.signal });
  expect(report.failure).toMatchObject({ code: 'probe-stopped', step: 'answer', certainty: 'proved' });
});

test('during the checks: those that were not over are skipped', async () => {
  const stop = new AbortController();
  const report = await probe(`ws://127.0.0.1:${await wsEcho()}/`, {
    signal: stop.signal,
    onEvent: (event) => event.kind === 'check' && stop.abort(),
  });
  const stopped = report.checks.filter((check) => check.finding.includes('was stopped'));
  expect(stopped.length).toBeGreaterThan(10);
  expect(stopped.every((check) => check.verdict === 'skip')).toBe(true);
  expect(report.checks.filter((check) => check.verdict === 'fail')).toEqual([]);
});

test('during the suite: no case fails for it, and the report says how far it came', async () => {
  const stop = new AbortController();
  const report = await probe(`ws://127.0.0.1:${await wsEcho()}/`, {
    signal: stop.signal,
    checks: null,
    conformance: { sections: ['masking', 'control'] },
    onEvent: (event) => event.kind === 'case' && event.done === 20 && stop.abort(),
  });
  const { counts, notes } = report.conformance!;
  expect(counts.fail).toBe(0);
  expect(counts.cases).toBeLessThan(58);
  expect(notes).toEqual([`stopped after ${counts.cases} of 58 cases`]);
});

test('during the search for the idle timeout', async () => {
  const stop = new AbortController();
  const report = await probe(`ws://127.0.0.1:${await wsEcho()}/`, {
    signal: stop.signal,
    checks: null,
    idle: {},
    onEvent: (event) => event.kind === 'idle' && stop.abort(),
  });
  expect(report.idle).toMatchObject({ kind: 'none', finding: expect.stringMatching(/when the search was stopped$/) });
});
