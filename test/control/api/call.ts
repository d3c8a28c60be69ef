import { access } from '../../../src/control/access/access.ts';
import { controlApp } from '../../../src/control/api/app.ts';
import type { ControlTarget } from '../../../src/control/api/target.ts';
import { liveViewers } from '../../../src/control/live/viewers.ts';
import { fakeTarget } from '../fake-target.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export function api(
  overrides: Partial<ControlTarget> = {},
  options: { token?: string; read?: string; ownHost?: string } = {},
) {
  const target = fakeTarget(overrides);
  const app = controlApp(target, {
    ownHost: options.ownHost ?? '127.0.0.1',
    access: access({ steer: options.token ?? null, read: options.read ?? null }, () => 1_010_000),
    viewers: liveViewers(target, () => 1_010_000),
    nowMs: () => 1_010_000,
  });
  async function call(request: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const [method, path] = request.split(' ') as [string, string];
    const response = await app.request(path, {
      method,
      headers: { host: '127.0.0.1:4653', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
  }
  return { call, calls: target.calls };
}
