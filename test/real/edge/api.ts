/** The control API of a test edge, and somebody who asks it. */
import { type ControlServer, startControlServer } from '../../../src/control/api/server.ts';
import type { TestEdge } from './edge.ts';

export interface TestApi {
  readonly server: ControlServer;
  ask<Answer>(method: string, path: string, body?: object): Promise<Answer>;
}

export async function startApi(edge: TestEdge): Promise<TestApi> {
  const server = await startControlServer({
    target: {
      ...edge.supervisor,
      version: 'test',
      reload: async () => ({ changed: [], lastChange: null, diagnostics: [] }),
      preview: async () => ({ changed: [], diagnostics: [], effects: [] }),
      save: async () => undefined,
    },
    address: { host: '127.0.0.1', port: 0 },
    tokens: { steer: null, read: null },
  });
  return {
    server,
    async ask(method, path, body) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json() as never;
    },
  };
}
