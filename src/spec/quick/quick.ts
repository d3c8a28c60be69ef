import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Findings } from '../../base/diagnostic.ts';
import { finding } from '../finding.ts';
import type { Spec } from '../model.ts';
import { specFromObject } from '../read.ts';
import { typedServer, typedSocket } from '../value/typed-server.ts';
import { type QuickSetting, quickSettings } from './settings.ts';

/** What `holdline up` knows without a file. Values are as they would stand in the spec. */
export interface QuickSpecOptions {
  /** Servers that run already, as people type them: `3000`, `localhost:3000`, a URL, the path of a socket. */
  readonly to: string | readonly string[];
  /** What the relative path of a socket is relative to; absolute. */
  readonly directory: string;
  /** As under `listen`: `8080`, `0.0.0.0:8080`, the path of a socket. */
  readonly listen?: string | number | undefined;
  readonly control?: string | number | undefined;
  readonly workers?: number | undefined;
  /** Bearer token of the control API; required when `control` is not loopback. */
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly trust?: readonly string[] | undefined;
  readonly origin?: readonly string[] | undefined;
  /** `round-robin`, `sticky-cookie`, `hash:ip`, `hash:cookie=name` … */
  readonly balance?: string | undefined;
  /** Path of the health check. */
  readonly health?: string | undefined;
  readonly heartbeat?: string | undefined;
  readonly idleTimeout?: string | undefined;
  readonly lifetime?: string | undefined;
  readonly maxMessage?: string | undefined;
  readonly connections?: number | string | undefined;
  readonly perIp?: number | string | undefined;
  readonly rate?: string | undefined;
  readonly authorize?: string | undefined;
}

/** A spec without a file, from the options of `holdline up --to`. Places in the diagnostics are the options. */
export function quickSpec(options: QuickSpecOptions): Findings<Spec | null, Code> {
  const paths = new Set(typedServers(options).map(({ path }) => path));
  if (paths.size > 1) {
    const shown = [...paths].map((path) => path ?? '/').join(' and ');
    const where = { path: '--to' };
    const message = `--to: the servers of one edge are asked for one path, and here they are ${shown}`;
    return { value: null, diagnostics: [finding('spec-bad-value', message, { where })] };
  }
  const read = specFromObject(writtenSpec(options));
  const given = givenBy(options);
  const flagOf = (path: string) => {
    const there = quickSettings.filter((setting) => path.startsWith(pathOf(setting)));
    const setting = there.find((each) => given(each) !== undefined) ?? there[0];
    return setting?.flag ?? (path.startsWith('upstreams') ? '--to' : undefined);
  };
  return {
    value: read.value,
    diagnostics: read.diagnostics.map((diagnostic) => {
      const path = diagnostic.where?.path ?? '';
      const flag = flagOf(path);
      if (flag === undefined) return diagnostic;
      return { ...diagnostic, message: diagnostic.message.replace(path, flag), where: { path: flag } };
    }),
  };
}

/** What stands at the place of a setting; undefined when it was left out. */
export type Given = (setting: QuickSetting) => unknown;

/** What the options say of each setting. */
export function givenBy(options: QuickSpecOptions): Given {
  const { cert, key, listen, control, directory } = options;
  const servers = typedServers(options);
  const tls = cert !== undefined || key !== undefined;
  const address = listen === undefined ? (tls ? '0.0.0.0:8443' : undefined) : typedAddress(listen, directory);
  const values: Readonly<Record<string, unknown>> = {
    ...options,
    to: servers.map(({ server }) => server),
    path: servers[0]?.path ?? undefined,
    upstream: 'app',
    listen: tls ? undefined : address,
    listenTls: tls ? [{ address, tls: without({ cert, key }) }] : undefined,
    control: control === undefined ? undefined : typedAddress(control, directory),
    // Without --origin there is no point in advising a list.
    origin: options.origin ?? 'any',
    balance: options.balance === undefined ? undefined : typedBalance(options.balance),
  };
  return ({ key }) => values[key];
}

function writtenSpec(options: QuickSpecOptions): Record<string, unknown> {
  const given = givenBy(options);
  const spec: Record<string, unknown> = {};
  for (const setting of quickSettings) {
    const value = given(setting);
    if (value === undefined) continue;
    let block = spec;
    for (const name of setting.at.slice(0, -1)) {
      block[name] ??= {};
      block = block[name] as Record<string, unknown>;
    }
    block[setting.at.at(-1)!] = value;
  }
  return { ...spec, routes: [spec.routes] };
}

function pathOf({ at: [top = '', ...rest] }: QuickSetting): string {
  return [top === 'routes' ? 'routes[0]' : top, ...rest].join('.');
}

function typedServers({ to, directory }: QuickSpecOptions) {
  return [to].flat().map((typed) => typedServer(typed, directory));
}

function typedAddress(typed: string | number, directory: string): string | number {
  if (typeof typed === 'number') return typed;
  return /^\d+$/.test(typed) ? Number(typed) : (typedSocket(typed, directory) ?? typed);
}

/** `hash:ip`, `hash:cookie=session`; anything else is a word that the spec knows, or says that it does not. */
function typedBalance(typed: string): unknown {
  const [, by, name] = /^hash:(ip|header|cookie|query)(?:=(.+))?$/.exec(typed) ?? [];
  if (by === undefined) return typed;
  return { hash: name === undefined ? by : { [by]: name } };
}

function without(block: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined));
}
