/** `holdline plan` and `holdline explain` as they are typed: exit codes, forms of output, and what they refuse. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { readMachineFacts } from '../../../src/host/machine-facts.ts';

async function holdline(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const stdout = { write: (text: string) => (out += text), columns: 80 };
  const stderr = { write: (text: string) => (err += text), columns: 80 };
  const code = await run(argv, { stdout, stderr, env: { PATH: process.env.PATH } });
  return { code, out, err };
}

const host = ['--cores', '1', '--memory', '8g', '--target', '1.22.1'] as const;

describe('plan', () => {
  test('text: the answer first, no line wider than the terminal, nothing left unfilled', async () => {
    const { code, out, err } = await holdline('plan', ...host, '--connections', '20000', '--sums');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/^20,000 WebSockets on 1 processor with 8 GB, nginx 1\.22\.1\n\nIt fits\./);
    expect(out).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    for (const line of out.split('\n').filter((each) => !each.includes(' = ')))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    ['100', '1', '8g', []],
    ['20000', '1', '8g', ['--tls']],
    ['1000000', '40', '256g', []],
    [
      '1000000',
      '40',
      '256g',
      ['--tls', '--server-tls', '--message-rate', '10/m', '--cookie', '2k', '--hop', 'cloudflare', '--hop', 'lb=5m'],
    ],
  ])('Markdown: %s connections on %s processors, %s, %j', async (connections, cores, memory, more) => {
    const { code, out } = await holdline(
      ...['plan', '--target', '1.30', '--markdown'],
      ...['--connections', connections, '--cores', cores, '--memory', memory, ...more],
    );
    expect(code).toBe(0);
    expect(out).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    const headings = [...out.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(
      expect.arrayContaining(['The question', 'The answer', 'The way', 'Outside nginx', 'What to watch']),
    );
    expect(out).toContain('```mermaid\nflowchart LR\n');
    expect(out).toMatch(/^LimitNOFILE=\d+$/m);
    // Every row of a table has as many cells as its head.
    for (const block of out.split(/\n{2,}/).filter((each) => each.startsWith('|')))
      expect(new Set(block.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length)).size).toBe(1);
  });

  test('JSON: the same numbers for programs', async () => {
    const { code, out } = await holdline('plan', ...host, '--connections', '50000', '--json');
    const { plan, diagnostics } = JSON.parse(out);
    expect(code).toBe(1);
    expect(plan).toMatchObject({ version: '1.22.1', verdict: 'does-not-fit', machine: { cores: 1 } });
    expect(plan.workers.workerConnections).toMatchObject({ name: 'worker_connections', unit: 'count' });
    expect(plan.comparison.rows.length).toBeGreaterThan(3);
    expect(diagnostics).toMatchObject([{ code: 'plan-does-not-fit' }]);
  });

  test.each([
    ['a target that is none', ['--target', '0.8'], 1, 'plan-version-unknown'],
    ['no connections', ['--connections', '0'], 1, 'plan-workload-impossible'],
    ['a hop that cuts the heartbeat', ['--heartbeat', '2m', '--hop', 'aws-alb'], 1, 'plan-heartbeat-too-slow'],
    ['nobody pings', ['--heartbeat', 'none', '--hop', 'aws-alb'], 0, 'plan-heartbeat-missing'],
    ['not a number', ['--connections', 'many'], 2, 'is not a number'],
    ['not a size', ['--memory', '8 apples'], 2, 'is not a size'],
    ['a hop nobody knows', ['--hop', 'wormhole'], 2, 'wormhole=60s'],
  ])('%s', async (_case, argv, expected, words) => {
    const { code, err } = await holdline('plan', '--connections', '100', ...host, ...argv);
    expect(code).toBe(expected);
    expect(err).toContain(words);
  });

  test('a spec gives workload, host and heartbeat; options go before it', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdline-plan-'));
    const file = path.join(folder, 'holdline.yaml');
    writeFileSync(
      file,
      `upstreams: { app: { servers: [ "http://127.0.0.1:9000", "http://127.0.0.1:9001" ] } }
routes: [ { match: { path: / }, upstream: app, heartbeat: { every: 40s, timeout: 5s } } ]
workload: { connections: 3000, messageRate: 2/s, messageSize: 20k }
host: { cores: 2, memory: 4g }
`,
    );
    const { out, err } = await holdline('plan', file, '--json', '--target', '1.22.1', '--connections', '4000');
    rmSync(folder, { recursive: true });
    expect(err).toBe('');
    const { workload, machine, timeouts, buffers } = JSON.parse(out).plan;
    expect(workload).toMatchObject({ connections: 4_000, messagesPerSecond: 2, messageBytes: 20_480, servers: 2 });
    expect(machine).toMatchObject({ cores: 2, memoryBytes: 4 * 1024 ** 3 });
    expect(timeouts.proxyReadTimeout.value).toBe(135_000);
    expect(buffers.proxyBufferSize.value).toBe(16_384);
  });
});

describe('the facts of a machine', () => {
  function facts(files: Record<string, string>) {
    const root = mkdtempSync(path.join(os.tmpdir(), 'holdline-facts-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    const read = readMachineFacts({ root, cores: 8, memoryBytes: 16 * 1024 ** 3 });
    rmSync(root, { recursive: true });
    return read;
  }

  test('a machine that shows nothing has the defaults, and says which', () => {
    const read = facts({});
    expect(read).toMatchObject({ cores: 8, memoryLimitBytes: null, descriptorsHard: 524_288, portFirst: 32_768 });
    expect(read.assumed).toContain('descriptorsHard');
    expect(read.assumed).not.toContain('cores');
  });

  test('control groups, version 2: the narrowest of the own group and those around it', () => {
    const read = facts({
      'proc/self/cgroup': '0::/user.slice/app\n',
      'sys/fs/cgroup/user.slice/memory.max': '1073741824\n',
      'sys/fs/cgroup/user.slice/app/memory.max': 'max\n',
      'sys/fs/cgroup/user.slice/app/cpu.max': '150000 100000\n',
    });
    expect(read).toMatchObject({ cores: 1.5, memoryLimitBytes: 1024 ** 3 });
  });

  test('control groups, version 1', () => {
    const read = facts({
      'proc/self/cgroup': '5:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n',
      'sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes': '536870912\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us': '100000\n',
    });
    expect(read).toMatchObject({ cores: 8, memoryLimitBytes: 512 * 1024 ** 2 });
  });

  test('limits and sysctls; what cannot be read as a number is left to the defaults', () => {
    const read = facts({
      'proc/self/limits':
        'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n',
      'proc/sys/net/ipv4/ip_local_port_range': '1024\t65535\n',
      'proc/sys/net/core/somaxconn': 'odd\n',
      'proc/sys/net/ipv4/tcp_wmem': '4096 16384 1000000\n',
    });
    expect(read).toMatchObject({
      descriptorsSoft: 1_024,
      descriptorsHard: 4_096,
      portFirst: 1_024,
      portLast: 65_535,
      somaxconn: 4_096,
      sendBytesMax: 1_000_000,
    });
    expect(read.assumed).toContain('somaxconn');
  });

  test('this machine can be planned for', async () => {
    const { out } = await holdline('plan', '--connections', '100', '--json', '--target', '1.22.1');
    expect(JSON.parse(out).plan).not.toBeNull();
  });
});

describe('explain', () => {
  test.each(['proxy_buffering', 'worker_connections', 'ws014', 'ssl_buffer_size'])('%s', async (word) => {
    const { code, out } = await holdline('explain', word);
    expect(code).toBe(0);
    expect(out).toMatch(/^Why {3}\S/m);
    expect(out).toMatch(/^Do {4}\S/m);
  });

  test('a word that has no explanation gets the nearest ones', async () => {
    const { code, err } = await holdline('explain', 'proxy_bufering');
    expect(code).toBe(2);
    expect(err).toContain('did you mean proxy_buffering');
  });

  test('escape sequences in the word do not reach the terminal', async () => {
    const { err } = await holdline('explain', '\u001b[31mred');
    expect(err).not.toContain('\u001b');
  });

  test('--list names every word', async () => {
    const { out } = await holdline('explain', '--list');
    expect(out.split('\n')).toEqual(expect.arrayContaining(['proxy_buffering', 'claim 30', 'multi_accept']));
  });
});
