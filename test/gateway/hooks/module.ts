/** Hooks modules of the tests' own, written to the disk: threads run files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EdgePlan } from '../../../src/plan/edge/model.ts';
import { type RouteChange, testPlan } from '../edge.ts';
import { onCleanUp } from '../servers.ts';

/** Writes the files and returns the path of the first. */
export function hooksModule(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-hooks-'));
  onCleanUp(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return path.join(directory, Object.keys(files)[0]!);
}

export interface HookedPlan {
  readonly servers: readonly string[];
  /** Text of a module, or the path of one. */
  readonly hooks: string;
  readonly settings?: Partial<NonNullable<EdgePlan['routes'][number]['hooks']>>;
  readonly change?: RouteChange;
  /** URLs of servers of further upstreams, by name. */
  readonly upstreams?: Readonly<Record<string, string>>;
}

export function hookedPlan({ servers, hooks, settings, change, upstreams = {} }: HookedPlan): EdgePlan {
  const plan = testPlan(servers, {
    ...change,
    hooks: { messages: false, onFailure: 'refuse', deadlineMs: 2000, ...settings },
  });
  const more = Object.entries(upstreams).map(([name, url]) => ({
    ...plan.upstreams[0]!,
    name,
    servers: [{ url, weight: 1, connectionsMax: null }],
  }));
  return {
    ...plan,
    upstreams: [...plan.upstreams, ...more],
    hooks: path.isAbsolute(hooks) ? hooks : hooksModule({ 'hooks.mjs': hooks }),
  };
}
