/**
 * What the backend gets before and after every safe fix, for a table of requests, from a real nginx: nothing is lost.
 * What nginx sends is held against what our model of it says, too, so that the proof that runs with --fix can be
 * believed.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { formatVersion } from '../../../src/base/nginx-version.ts';
import type { ClientRequest, Passage } from '../../../src/nginx/effective/request/model.ts';
import { passageOf } from '../../../src/nginx/effective/request/passage.ts';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { lossBetween, samplesFor } from '../../../src/nginx/lint/fixes/proof.ts';
import { rules } from '../../../src/nginx/lint/rules.ts';
import { fixCases } from '../../nginx/lint/fixes/cases.ts';
import { fixFiles, lintFiles, lintText } from '../../nginx/lint/linting.ts';
import { servedFiles } from '../../nginx/served-files.ts';
import { nginxVersion, startNginx } from '../support/nginx.ts';
import { exchange, startTestServer } from '../support/upgrade.ts';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface Case {
  readonly name: string;
  readonly text: string;
  readonly options: Parameters<typeof lintFiles>[1];
}

const cases: readonly Case[] = [
  ...[...fixCases, ...servedFiles].map(({ name, text }) => ({ name, text, options: { target: nginxVersion } })),
  ...rules
    .map((rule) => ({
      name: rule.id,
      text: exampleConfiguration(rule, 'bad'),
      options: { target: nginxVersion, ...rule.exampleOptions, ...(rule.optIn === true && { optIn: [rule.id] }) },
    }))
    // Certificates and newer versions have their own tests.
    .filter(
      ({ text, options }) =>
        !/listen [^;]*(?:ssl|quic|http2)|proxy_http_version 2|unix:|https:/.test(text) &&
        formatVersion(options.target) === formatVersion(nginxVersion),
    )
    // Without a backend there is nothing to look at; what times out at once is not seen, and a cache has a test of its
    // own.
    .filter(({ text }) => text.includes('proxy_pass') && !/_timeout 0;|proxy_cache_path/.test(text))
    .filter(({ text, options }) => lintText(text, options).some(({ fix }) => fix?.safe === true)),
];

test('there are enough of them', () => {
  expect(cases.length).toBeGreaterThan(50);
});

describe.each(cases.map((each) => [each.name, each] as const))('%s', (_name, { text, options }) => {
  test('nginx sends what the model says, and the fix loses nothing of it', async () => {
    const fixed = fixFiles({ 'nginx.conf': text }, options).files['nginx.conf']!;
    const [before, after] = [await exchangesOf(text), await exchangesOf(fixed)];
    // A configuration that nginx refuses cannot lose anything.
    for (const { got, said } of [...(before ?? []), ...after!]) expect(got).toBe(said);
    expect(after!.length).toBeGreaterThan(5);
    const models = [text, fixed].map((each) => lintFiles({ 'nginx.conf': each }, { target: nginxVersion }).model);
    for (const sample of samplesFor(models[0]!)) {
      const [then, now] = models.map((model) => passageOf(model, sample.request));
      expect(lossBetween(sample, then!, now!)).toBeNull();
    }
  });
});

/** What the backend gets, in a form that the model’s passage can be brought to. */
type Got = string;

/** What arrives for every request of the table, and what the model says of it; null when nginx does not start. */
async function exchangesOf(text: string): Promise<readonly { got: Got; said: Got }[] | null> {
  const backends = await Promise.all([0, 1, 2].map(() => startTestServer({ upgrades: () => false })));
  open.push(...backends);
  const conf = (ports: readonly number[], directory: string) => {
    let next = 0;
    return backends
      .reduce((done, { port }, index) => done.replaceAll(`127.0.0.1:${9000 + index}`, `127.0.0.1:${port}`), text)
      .replace(/listen \d+/g, () => `listen 127.0.0.1:${ports[next++]}`)
      .replaceAll('/var/cache/nginx/', `${directory}/`);
  };
  const nginx = await startNginx({ conf, ports: 2 }).catch((error: Error) => {
    if (/unknown "\w+" variable|invalid URL prefix|must be less/.test(error.message)) return null;
    throw error;
  });
  if (nginx === null) return null;
  open.push(nginx);
  const { model } = lintFiles({ 'nginx.conf': conf(nginx.ports, nginx.directory) }, { target: nginxVersion });
  const results: { got: Got; said: Got }[] = [];
  for (const { request } of samplesFor(model)) {
    const got = await ask(nginx.ports[0]!, request, backends);
    const passage = passageOf(model, request);
    // Files are no concern of the model, and a timeout of zero answers before the backend does.
    if (passage.outcome.kind === 'elsewhere' || got === 'answered 504') continue;
    results.push({ got, said: modelled(passage) });
  }
  return results;
}

async function ask(port: number, request: ClientRequest, backends: readonly { requests: string[] }[]): Promise<Got> {
  for (const { requests } of backends) requests.length = 0;
  const query = request.query === '' ? '' : `?${request.query}`;
  const headers = { Host: request.host, ...Object.fromEntries(request.headers) };
  const answer = await exchange(port, `${request.path}${query}`, headers, request.method);
  answer.socket.destroy();
  const head = backends.flatMap(({ requests }) => requests)[0];
  if (head === undefined) return `answered ${answer.status}`;
  const [line = '', ...rows] = head.trimEnd().split('\r\n');
  return normal(line, rows);
}

function modelled({ outcome }: Passage): Got {
  if (outcome.kind === 'answered') return `answered ${outcome.status}`;
  if (outcome.kind !== 'proxied') return outcome.kind;
  const rows = outcome.headers.map(
    ({ name, value }) => `${name}: ${value.text.replaceAll('$remote_addr', '127.0.0.1')}`,
  );
  return normal(`${outcome.method} ${outcome.uri.text} HTTP/${outcome.httpVersion}`, rows);
}

/** nginx writes its own lines and the client’s in an order of its own. */
function normal(line: string, rows: readonly string[]): Got {
  const sorted = rows
    .filter((row) => !/^content-length:/i.test(row))
    .map((row) => row.replace(/^[^:]*/, (name) => name.toLowerCase()));
  return [line, ...sorted.toSorted()].join('\n');
}
