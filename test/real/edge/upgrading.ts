/**
 * An edge of the command line, from a copy of the package that a test changes: asked and exchanged over its control
 * address.
 */
import http from 'node:http';
import type { UpgradeState } from '../../../src/control/handover/upgrade.ts';
import type { Snapshot } from '../../../src/registry/live.ts';
import { until } from './edge.ts';
import type { PackageCopy } from './package-copy.ts';

/** `control`: a port of loopback, or the path of a Unix socket. */
export function steering(control: () => number | string) {
  const ask = <Answer>(where: string, body?: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const at = control();
      const to = typeof at === 'number' ? { host: '127.0.0.1', port: at } : { socketPath: at };
      const headers = { 'content-type': 'application/json' };
      const method = body === undefined ? 'GET' : 'POST';
      const request = http.request({ ...to, path: where, method, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => resolve(JSON.parse(text) as Answer));
        response.once('error', reject);
      });
      request.once('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  const now = async () => (await ask<Snapshot>('/status')).now;
  return {
    ask,
    now,
    supervisor: async () => (await ask<{ supervisor: { pid: number } }>('/version')).supervisor.pid,
    begin: (probationMs = 500, more: object = {}) => ask<UpgradeState>('/upgrade', { probationMs, ...more }),
    phase: (wanted: UpgradeState['phase']) =>
      until(async () => {
        // While the control address goes from one process to the other, a question may be cut.
        const state = await ask<UpgradeState>('/upgrade').catch(() => null);
        return state?.phase === wanted && state;
      }),
    over: () =>
      until(async () => {
        const state = await ask<UpgradeState>('/upgrade').catch(() => null);
        return state !== null && !['none', 'probation', 'supervisor', 'exchange'].includes(state.phase) && state;
      }),
    twoWorkers: () =>
      until(async () => {
        const seen = await now();
        return seen.workers.filter(({ leaving }) => !leaving).length === 2 && seen;
      }),
  };
}

export function setVersion(copy: PackageCopy, version: string): () => void {
  return copy.change('package.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
}
