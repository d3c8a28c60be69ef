/** Scenario files: what they become, and what is said of what is wrong in them, with line and column. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/base/diagnostic.ts';
import { scenarioFromObject } from '../../../src/bench/scenario/file.ts';
import { readScenarioFile } from '../../../src/bench/scenario/read-file.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'bench-scenario-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'load.yaml');

async function read(text: string, said = {}) {
  writeFileSync(file, text);
  return readScenarioFile(file, said);
}

const place = ({ where, code, message, help }: Diagnostic) => {
  const at = where?.range?.start;
  return `${at?.line}:${at?.column} ${code}: ${message} (${help})`;
};

test('everything that can be written', async () => {
  const { value, diagnostics } = await read(`
url: ws://127.0.0.1:8080/echo
mode: request
connections: 500
connectRate: 100/s
rate: 5
duration: 1m
size: [64:80%, 4k:20%]
binary: true
compress: true
message: '{"id":"{id}"}'
reply: '"id":"(?<id>[0-9a-f]+)"'
backoff: 2s..10s
jitter: 0.5
retryAfter: true
reconnect: true
grace: 2s
processes: 2
sources: [127.0.0.2, 127.0.0.3]
origin: https://app.example.com
subprotocols: chat
headers:
  Authorization: Bearer abc
  X-Number: 7
insecure: true
pids: 4711
storm: 10s
thresholds: p99 < 50ms
phases:
  - duration: 30s
  - name: storm
    connections: 100
    size: 1k
    storm:
      - 5s
      - { at: 10s, command: nginx -s reload }
    thresholds: [ recovered < 20s, refused = 0 ]
`);
  expect(diagnostics).toEqual([]);
  expect(value).toMatchObject({
    url: 'ws://127.0.0.1:8080/echo',
    mode: 'request',
    connections: 500,
    connectsPerSecond: 100,
    // As a whole: the sum of the phases.
    durationMs: 90_000,
    kind: 'binary',
    compress: true,
    message: '{"id":"{id}"}',
    reply: '"id":"(?<id>[0-9a-f]+)"',
    backoff: { firstMs: 2000, maxMs: 10_000, jitter: 0.5, retryAfter: true },
    reconnect: true,
    graceMs: 2000,
    processes: 2,
    sources: ['127.0.0.2', '127.0.0.3'],
    subprotocols: ['chat'],
    rawHeaders: ['Authorization', 'Bearer abc', 'X-Number', '7'],
    pids: [4711],
    thresholds: [{ text: 'p99 < 50ms', wanted: 50_000 }],
    phases: [
      {
        name: 'phase 1',
        durationMs: 30_000,
        connections: 500,
        connectsPerSecond: 100,
        messagesPerSecond: 5,
        sizes: [
          { bytes: 64, share: 0.8 },
          { bytes: 4096, share: 0.2 },
        ],
        storms: [{ atMs: 10_000, command: null }],
        thresholds: [],
      },
      {
        name: 'storm',
        durationMs: 60_000,
        connections: 100,
        sizes: [{ bytes: 1024, share: 1 }],
        storms: [
          { atMs: 5000, command: null },
          { atMs: 10_000, command: 'nginx -s reload' },
        ],
        thresholds: [{ metric: 'recovered' }, { metric: 'refused' }],
      },
    ],
  });
});

test('the command line counts more than the file', async () => {
  const { value } = await read('url: ws://127.0.0.1:1/\nconnections: 5\nbackoff: 2s\njitter: 0\n', {
    url: 'ws://127.0.0.1:2/',
    connections: 7,
    backoff: { jitter: 1 },
  });
  expect(value).toMatchObject({ url: 'ws://127.0.0.1:2/', connections: 7, backoff: { firstMs: 2000, jitter: 1 } });
});

describe('what is wrong, and where', () => {
  const url = 'url: ws://127.0.0.1:1/\n';
  test.each([
    [
      'conections: 5',
      '2:1 bench-unknown-key: there is no setting "conections" in the scenario; did you mean connections?',
    ],
    [
      'connect-rate: 5/s',
      '2:1 bench-unknown-key: there is no setting "connect-rate" in the scenario; did you mean connectRate?',
    ],
    ['iOwnThisTarget: true', '--i-own-this-target confirms'],
    ['rate: fast', '2:7 bench-bad-value: rate: "fast" is not a rate'],
    ['mode: ecko', '2:7 bench-bad-value: mode: "ecko" is none of echo, request, fanout, hold; did you mean echo?'],
    ['connections: many', '2:14 bench-bad-value: connections: "many" is not a number'],
    ['connections: 0', '2:14 bench-out-of-range: connections: 0 is not a whole number'],
    ['size: 8', '2:7 bench-out-of-range: the size of a message'],
    ['size: 64:80%,4096:30%', '2:7 bench-bad-value: size: "64:80%,4096:30%": the shares add up to 110 %'],
    ['storm: 20s', '2:8 bench-out-of-range: a storm after 20 s comes later than the load of 10 s ends'],
    ['storm: { at: 1s, comand: ls }', 'there is no setting "comand" in a storm'],
    ['backoff: 30s..1s', '2:10 bench-out-of-range: the backoff'],
    ['jitter: 2', '2:9 bench-out-of-range: the jitter'],
    [
      'thresholds: [lost = 0, lsot = 0]',
      '2:24 bench-threshold: "lsot = 0": nothing is measured under the name "lsot" (did you mean lost?)',
    ],
    ['thresholds: recovered < 1s', '2:13 bench-threshold: "recovered < 1s": there is no storm'],
    ['phases: 5', '2:9 bench-bad-value: phases must be a list'],
    [
      'phases:\n  - duration: 5s\n  - thresholds:\n      - p9 < 5ms',
      '5:9 bench-threshold: phase "phase 2": "p9 < 5ms": nothing is measured under the name "p9"',
    ],
    [
      'phases:\n  - name: x\n    duratoin: 5s',
      '4:5 bench-unknown-key: there is no setting "duratoin" in phase 1; did you mean duration?',
    ],
    ['phases:\n  - name: x\n    rate: 0/s', '4:11 bench-out-of-range: phase "x": messages per second'],
    ['search: conections\nthresholds: lost = 0', 'did you mean connections?'],
    ['search: rate', '2:9 bench-contradiction: a search needs a threshold'],
    ['search: rate\nthresholds: lost = 0\nphases: [{ name: x }]', '2:9 bench-contradiction: a search has no phases'],
    ['message: "{id"', 'neither {id} nor {number}'],
    ['message: "{idd} {id}"', '2:10 bench-message: the message has no placeholder {idd} (did you mean {id}?)'],
    ['mode: request', 'bench-message: mode request has no message to send'],
    ['message: "{id}"\nreply: "id=(.*)"', '3:8 bench-message: the pattern of the reply has no group named id'],
    ['message: "{id}"\nreply: "(?<id>[)"', '3:8 bench-message: the pattern of the reply cannot be read'],
    ['rate: 5\nrate: 6', 'stands twice'],
    ['a: [', 'spec-yaml'],
  ])('%s', async (text, wanted) => {
    const { value, diagnostics } = await read(url + text);
    expect(value).toBe(null);
    expect(diagnostics.map(place).join('\n')).toContain(wanted);
  });

  test('no url', async () => {
    const { diagnostics } = await read('rate: 5\n');
    expect(diagnostics).toMatchObject([{ code: 'bench-url', message: 'the scenario has no url' }]);
  });

  test('no file', async () => {
    await expect(readScenarioFile(path.join(directory, 'none.yaml'), {})).rejects.toMatchObject({
      code: 'bench-unreadable-file',
    });
  });

  test('whatever value it is: settings or findings, and never an error', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('url', 'size', 'storm', 'phases', 'headers', 'jitter', 'x') }),
        (value) => {
          const { value: read, diagnostics } = scenarioFromObject(value, () => undefined);
          expect(read === null).toBe(diagnostics.length > 0);
        },
      ),
    );
  });
});
