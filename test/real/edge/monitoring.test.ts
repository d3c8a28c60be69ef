/**
 * The alert rules under promtool, and a real Prometheus that scrapes an edge under load: every query of the dashboard
 * finds something.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startApi } from './api.ts';
import { connect, startTestEdge, until } from './edge.ts';
import { freePort } from './free-port.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const docs = path.resolve(import.meta.dirname, '../../../docs');
const monitoring = path.join(docs, 'monitoring');

test('the alert rules fire when they should, and not before', () => {
  for (const argv of [
    ['check', 'rules', 'alerts.yaml'],
    ['test', 'rules', 'alerts.test.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', argv, { cwd: monitoring, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  }
});

test.each(['alerts.yaml', 'dashboard.json'])('%s asks for metrics that there are', (file) => {
  const known = new Set(
    [...readFileSync(path.join(docs, 'control-api.md'), 'utf8').matchAll(/`(holdline_\w+)`/g)].map(
      (match) => match[1]!,
    ),
  );
  const asked = [...readFileSync(path.join(monitoring, file), 'utf8').matchAll(/\bholdline_\w+/g)].map((match) =>
    match[0].replace(/_bucket$/, ''),
  );
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});

interface Result {
  readonly status: string;
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

/** Prometheus of Debian's, scraping once a second with the alert rules; what it answers to a query. */
async function startPrometheus(target: string): Promise<(query: string) => Promise<Result['data']['result']>> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-prometheus-'));
  const file = path.join(directory, 'prometheus.yml');
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [path.join(monitoring, 'alerts.yaml')],
      scrape_configs: [{ job_name: 'holdline', static_configs: [{ targets: [target] }] }],
    }),
  );
  const port = await freePort();
  const options = [`--web.listen-address=127.0.0.1:${port}`, `--storage.tsdb.path=${directory}/data`];
  const child = spawn('prometheus', [`--config.file=${file}`, ...options], { stdio: 'ignore' });
  cleanups.push(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await gone;
    rmSync(directory, { recursive: true, force: true });
  });
  const base = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${base}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return async (query) => {
    const answer = (await (await fetch(`${base}/api/v1/query?${new URLSearchParams({ query })}`)).json()) as Result;
    expect(answer.status, query).toBe('success');
    return answer.data.result;
  };
}

test('every query of the dashboard finds something at an edge under load, and the rules are read', async () => {
  const edge = await startTestEdge({ workers: 2 });
  cleanups.push(() => edge.close());
  const api = await startApi(edge);
  cleanups.push(() => api.server.close());
  const query = await startPrometheus(new URL(api.server.url).host);

  let going = true;
  const load = (async () => {
    while (going) {
      const sockets = await Promise.all(Array.from({ length: 10 }, () => connect(edge.url)));
      for (const socket of sockets) socket.send('hello');
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const socket of sockets) socket.close();
    }
  })();
  cleanups.push(async () => {
    going = false;
    await load;
  });
  const { panels } = JSON.parse(readFileSync(path.join(monitoring, 'dashboard.json'), 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(asked.length).toBeGreaterThan(8);
  for (const expr of asked) {
    const found = await until(async () => {
      const result = await query(expr);
      return result.length > 0 && result.every(({ value }) => value[1] !== 'NaN') && result;
    });
    expect(found.length, expr).toBeGreaterThan(0);
  }
  const [messages] = await query('sum(rate(holdline_messages_total[10s]))');
  expect(Number(messages!.value[1])).toBeGreaterThan(1);
  expect(await query('holdline_build_info')).toMatchObject([{ metric: { version: 'test' } }]);

  edge.supervisor.gates.set({ route: null, closed: true });
  going = false;
  await until(async () => (await query('ALERTS{alertname="HoldlineGateClosed",alertstate="pending"}')).length === 1);
});

test('promtool finds nothing to say of the text form', async () => {
  const edge = await startTestEdge();
  cleanups.push(() => edge.close());
  const api = await startApi(edge);
  cleanups.push(() => api.server.close());
  (await connect(edge.url)).terminate();
  await until(
    () => edge.supervisor.totals().routes.app !== undefined || Object.keys(edge.supervisor.totals().routes).length > 0,
  );
  const plain = await (await fetch(`${api.server.url}/metrics`)).text();
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: plain, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
