/** What to generate for: a spec or options, with the plan for it. */

import path from 'node:path';
import type { Code } from '../../base/catalogue/catalogue.ts';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { formatVersion, versionDefault } from '../../base/nginx-version.ts';
import { readSpecFile } from '../../control/edge/spec-file.ts';
import { findNginx } from '../../host/nginx-binary.ts';
import { generateDiagnostic } from '../../nginx/generate/checked.ts';
import { siteFor, slowestDrain } from '../../nginx/generate/planned.ts';
import { type Form, listenCount, type Site, siteDefaults } from '../../nginx/generate/site.ts';
import { machineFromSpec, workloadFromSpec } from '../../plan/nginx/from-spec.ts';
import { type NginxPlan, planNginx } from '../../plan/nginx/plan.ts';
import { completeWorkload, type Workload } from '../../plan/nginx/workload.ts';
import type { Spec } from '../../spec/model.ts';
import { specFromObject } from '../../spec/read.ts';
import { machineFor } from '../commands/plan.ts';
import type { CliContext } from '../context.ts';
import type { SiteOptions } from '../options/generate.ts';
import { workloadFromOptions } from '../options/plan.ts';

export interface Source {
  /** null: something in what was written is an error. */
  readonly value: { readonly plan: NginxPlan; readonly site: Site } | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The spec's text, for showing lines of it. */
  readonly sources: ReadonlyMap<string, string>;
}

export interface SourceRequest {
  readonly file: string | undefined;
  readonly options: SiteOptions;
  readonly form: Form;
  readonly env: CliContext['env'];
}

export async function readSource({ file, options, form, env }: SourceRequest): Promise<Source> {
  const read = file === undefined ? fromOptions(options) : await fromFile(file);
  if (read.spec === null) return { value: null, ...read };
  const site = siteOf(read.spec, options);
  const { value: plan, diagnostics } = planNginx({
    workload: workloadFor(read.spec, site, options, form, file === undefined),
    machine: machineFor(options, machineFromSpec(read.spec)),
    target: options.target ?? findNginx(env.PATH ?? '')?.version ?? formatVersion(versionDefault),
  });
  const found = [...read.diagnostics, ...diagnostics];
  return {
    value: plan === null || hasErrors(found) ? null : { plan, site },
    diagnostics: found,
    sources: read.sources,
  };
}

interface ReadSpec {
  readonly spec: Spec | null;
  readonly diagnostics: readonly Diagnostic<Code>[];
  readonly sources: ReadonlyMap<string, string>;
}

async function fromFile(file: string): Promise<ReadSpec> {
  const { value, diagnostics, text, directory } = await readSpecFile(file);
  const inDirectory = (name: string) => path.resolve(directory, name);
  const spec = value && {
    ...value,
    listen: value.listen.map(({ tls, ...listen }) => ({
      ...listen,
      tls: tls && { cert: inDirectory(tls.cert), key: inDirectory(tls.key) },
    })),
  };
  return { spec, diagnostics, sources: new Map(text === null ? [] : [[file, text]]) };
}

const tlsFolder = '/etc/nginx/tls';

/** A spec as somebody would write it who says the same. */
function fromOptions(options: SiteOptions): ReadSpec {
  const { host, path: route, origin, tls, cert, key } = options;
  const secure = tls === true || cert !== undefined;
  const port = secure ? 443 : 80;
  const listen = (options.listen ?? [`0.0.0.0:${port}`, `[::]:${port}`]).map((address) =>
    secure
      ? { address, tls: { cert: cert ?? `${tlsFolder}/fullchain.pem`, key: key ?? `${tlsFolder}/privkey.pem` } }
      : { address },
  );
  const servers = (options.to ?? exampleServers(options)).map((url) => ({ url }));
  const read = specFromObject({
    listen,
    upstreams: { app: { servers } },
    routes: [
      {
        ...(host === undefined && route === undefined
          ? {}
          : { match: { ...(host === undefined ? {} : { host }), path: route ?? '/' } }),
        upstream: 'app',
        origins: origin ?? 'any',
        ...(options.heartbeat === 0 ? { heartbeat: 'off' } : {}),
      },
    ],
  });
  const assumed =
    options.to === undefined
      ? [
          generateDiagnostic(
            'generate-server-assumed',
            `${servers[0]!.url}${servers.length > 1 ? ` and ${servers.length - 1} more` : ''} ${servers.length > 1 ? 'stand' : 'stands'} in for your servers`,
          ),
        ]
      : [];
  const diagnostics = read.diagnostics.filter(({ code }) => code !== 'spec-origins-open');
  return { spec: read.value, diagnostics: [...diagnostics, ...assumed], sources: new Map() };
}

/** TEST-NET addresses would hang; loopback ports answer or refuse at once. */
function exampleServers({ servers = 1, unixSockets }: SiteOptions): string[] {
  const count = Math.max(1, Math.min(1_000, Math.floor(servers)));
  return Array.from({ length: count }, (_, index) =>
    unixSockets === true ? `unix:/run/app/${index + 1}.sock` : `http://127.0.0.1:${9_001 + index}`,
  );
}

function siteOf(spec: Spec, options: SiteOptions): Site {
  return siteFor(spec, {
    bind: options.bind ?? [],
    resolvers: options.resolver ?? [],
    sticky: options.sticky === true,
    user: options.user ?? siteDefaults.user,
  });
}

function workloadFor(spec: Spec, site: Site, options: SiteOptions, form: Form, isFromOptions: boolean): Workload {
  const said = workloadFromSpec(spec);
  // A spec that options stand for has the spec's own defaults in it, and the plan's own reasons are better.
  const { heartbeat: _, idleTimeoutMs: __, ...withoutDefaults } = said;
  const unix = site.upstreams.every(({ servers }) => servers.every(({ url }) => url.startsWith('unix:')));
  return completeWorkload({
    ...(isFromOptions ? withoutDefaults : said),
    ...(isFromOptions ? {} : { drainPerSecond: slowestDrain(spec) }),
    ...workloadFromOptions(options),
    clientTls: said.clientTls!,
    serverTls: options.serverTls ?? said.serverTls!,
    servers: unix ? null : said.servers!,
    sourceAddresses: options.sourceAddresses ?? Math.max(1, site.bind.length),
    listens: listenCount(site, form),
  });
}
