/** The suite judges servers whose faults are known: each fails exactly where it is broken. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CaseVerdict, ConformanceReport } from '../../src/probe/conformance/report.ts';
import { sections } from '../../src/probe/conformance/sections.ts';
import { probe } from '../../src/probe/probe.ts';
import { startEdge } from '../gateway/edge.ts';
import { brokenEcho } from './broken.ts';
import { cleanUp, wsEcho } from './endpoints.ts';

afterEach(cleanUp);

async function played(port: number, chosen?: readonly string[]): Promise<ConformanceReport> {
  const conformance = chosen === undefined ? {} : { sections: chosen };
  const report = await probe(`ws://127.0.0.1:${port}/`, { checks: null, conformance });
  expect(report.failure).toBeNull();
  return report.conformance!;
}

function namesOf({ cases }: ConformanceReport, verdict: CaseVerdict): string[] {
  return cases.filter((each) => each.verdict === verdict).map((each) => `${each.section}: ${each.name}`);
}

describe('the suite itself', () => {
  test('has more than 300 cases in 11 sections, each with the RFC that demands it', () => {
    const cases = sections.flatMap((section) => section.cases);
    expect(Object.fromEntries(sections.map((section) => [section.id, section.cases.length]))).toMatchInlineSnapshot(`
      {
        "close": 53,
        "control": 30,
        "deflate-messages": 47,
        "deflate-offers": 47,
        "fragments": 40,
        "handshake": 71,
        "lengths": 50,
        "limits": 15,
        "masking": 28,
        "reserved": 70,
        "utf8": 80,
      }
    `);
    expect(cases.length).toBeGreaterThan(300);
    expect(cases.filter((each) => !/^RFC \d+, \d/.test(each.rfc)).map((each) => each.name)).toEqual([]);
    for (const section of sections) {
      const names = section.cases.map((each) => each.name);
      expect(
        names.filter((name, i) => names.indexOf(name) !== i),
        section.id,
      ).toEqual([]);
    }
  });

  test('says that it needs an echo', async () => {
    const port = await wsEcho();
    const report = await probe(`ws://127.0.0.1:${port}/`, { checks: null, conformance: {}, message: null });
    expect(report.conformance?.skipped).toMatch(/needs an endpoint that echoes/);
    expect(report.outcome).toBe('failed');
  });
});

test('ws passes all of it but stated points of strictness', { timeout: 60_000 }, async () => {
  const report = await played(await wsEcho());
  expect(namesOf(report, 'fail')).toEqual([]);
  expect(report.counts.cases).toBe(sections.reduce((sum, section) => sum + section.cases.length, 0));
  expect(namesOf(report, 'non-strict')).toMatchInlineSnapshot(`
    [
      "handshake: HTTP/1.0",
      "handshake: no Host",
      "handshake: two different Hosts",
      "handshake: the version “8”",
      "handshake: the version “13.0”",
      "handshake: HTTP/2.0 in the request line",
      "handshake: no version in the request line",
      "lengths: 0 bytes with a length of 16 bits",
      "lengths: 1 bytes with a length of 16 bits",
      "lengths: 64 bytes with a length of 16 bits",
      "lengths: 125 bytes with a length of 16 bits",
      "lengths: 0 bytes with a length of 64 bits",
      "lengths: 1 bytes with a length of 64 bits",
      "lengths: 125 bytes with a length of 64 bits",
      "lengths: 126 bytes with a length of 64 bits",
      "lengths: 65535 bytes with a length of 64 bits",
      "lengths: a length of 2^63, whose top bit is set",
      "lengths: a length of 2^63 + 5, whose top bit is set",
      "lengths: a length of 2^64 - 1, whose top bit is set",
      "utf8: bad from the first fragment on: refused before the message is over",
      "utf8: a surrogate in the first fragment: refused before the message is over",
      "utf8: bad in the second of three fragments: refused before the message is over",
      "utf8: too large at the second byte of four: refused before the message is over",
      "deflate-offers: permessage-deflate; unknown_parameter",
      "deflate-offers: permessage-deflate; server_no_context_takeover=1",
      "deflate-offers: permessage-deflate; client_no_context_takeover=true",
      "deflate-offers: permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      "deflate-offers: permessage-deflate; client_max_window_bits; client_max_window_bits",
      "deflate-offers: permessage-deflate; server_max_window_bits",
      "deflate-offers: permessage-deflate; server_max_window_bits=7",
      "deflate-offers: permessage-deflate; server_max_window_bits=16",
      "deflate-offers: permessage-deflate; server_max_window_bits=0",
      "deflate-offers: permessage-deflate; server_max_window_bits=-8",
      "deflate-offers: permessage-deflate; server_max_window_bits=8.5",
      "deflate-offers: permessage-deflate; server_max_window_bits=ten",
      "deflate-offers: permessage-deflate; server_max_window_bits=256",
      "deflate-offers: permessage-deflate; client_max_window_bits=7",
      "deflate-offers: permessage-deflate; client_max_window_bits=16",
      "deflate-offers: permessage-deflate; client_max_window_bits=0",
      "deflate-offers: permessage-deflate; client_max_window_bits=all",
      "deflate-offers: permessage-deflate; server_max_window_bits=08",
      "deflate-offers: permessage-deflate; client_max_window_bits=010",
      "deflate-offers: a bad offer and a good one behind it",
    ]
  `);
});

const framing = ['masking', 'lengths', 'reserved', 'control', 'fragments', 'utf8', 'close'];

test('the edge in front of ws lets the echo of what was right through before the end', {
  timeout: 60_000,
}, async () => {
  const edge = await startEdge([`http://127.0.0.1:${await wsEcho()}`]);
  try {
    const report = await played(edge.port, ['reserved', 'fragments']);
    expect(namesOf(report, 'fail')).toEqual([]);
    expect(namesOf(report, 'non-strict')).toEqual([]);
  } finally {
    await edge.close();
  }
});

describe('servers that are broken on purpose', () => {
  test('one that is right, for comparison', { timeout: 60_000 }, async () => {
    const report = await played(await brokenEcho({}), framing);
    expect(namesOf(report, 'fail')).toEqual([]);
    expect(namesOf(report, 'non-strict')).toEqual([]);
  });

  test('one that does not check UTF-8', { timeout: 60_000 }, async () => {
    const report = await played(await wsEcho({ skipUTF8Validation: true }), framing);
    const failed = namesOf(report, 'fail');
    expect(new Set(failed.map((name) => name.split(':')[0]))).toEqual(new Set(['utf8', 'close']));
    expect(failed.filter((name) => name.startsWith('close:')).every((name) => name.includes('no UTF-8'))).toBe(true);
    // Every invalid text gets through, and no valid one is harmed.
    const utf8 = report.cases.filter((each) => each.section === 'utf8');
    expect(utf8.filter((each) => each.expected.includes('1007')).every((each) => each.verdict === 'fail')).toBe(true);
    expect(utf8.filter((each) => !each.expected.includes('1007')).every((each) => each.verdict === 'pass')).toBe(true);
  });

  test('one that takes frames without a mask', { timeout: 60_000 }, async () => {
    const report = await played(await brokenEcho({ takesUnmasked: true }), framing);
    const failed = namesOf(report, 'fail');
    expect(failed.every((name) => name.startsWith('masking:') && /without a mask|unmasked/.test(name))).toBe(true);
    expect(failed).toHaveLength(report.cases.filter((each) => /without a mask|unmasked/.test(each.name)).length);
  });

  test('one that takes every fragment for a message', { timeout: 60_000 }, async () => {
    const report = await played(await brokenEcho({ splitsFragments: true }), framing);
    const failed = namesOf(report, 'fail');
    expect(failed.filter((name) => name.startsWith('fragments:')).length).toBeGreaterThan(20);
    const others = failed.filter((name) => !name.startsWith('fragments:'));
    expect(others.filter((name) => !/fragment|between|continuation/.test(name))).toEqual([]);
  });

  test('one that answers every close frame with 1000', { timeout: 60_000 }, async () => {
    const report = await played(await brokenEcho({ closesBlindly: true }), ['lengths', 'control', 'close']);
    const failed = namesOf(report, 'fail');
    expect(failed.every((name) => name.startsWith('close:'))).toBe(true);
    expect(failed.some((name) => name.includes('must not be sent'))).toBe(true);
    expect(namesOf(report, 'non-strict').some((name) => name.includes('3000'))).toBe(true);
  });
});
