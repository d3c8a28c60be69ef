/** An Ingress of Kubernetes as the nginx configuration that its controller would run, with the place that each line comes from. */
import type { Fate } from '../model.ts';
import { type Annotations, type LinePlace, oneWord, translateAnnotation } from './annotations.ts';

export interface IngressPath {
  readonly path: string;
  readonly pathType: string;
  readonly service: string;
  readonly port: string;
}

export interface Ingress {
  readonly name: string;
  readonly namespace: string;
  readonly where: Fate['where'];
  readonly annotations: readonly IngressAnnotation[];
  readonly rules: readonly { readonly host: string | null; readonly paths: readonly IngressPath[] }[];
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secret: string }[];
}

export interface IngressAnnotation {
  /** With its prefix. */
  readonly name: string;
  readonly value: string;
  readonly where: Fate['where'];
}

export interface WrittenIngress {
  readonly text: string;
  /** For each line of the text, from 1: the annotation that it comes from. */
  readonly from: ReadonlyMap<number, IngressAnnotation>;
  /** What was decided without a line. */
  readonly fates: readonly Fate[];
}

/** Whoever wrote the annotation: the controller of Kubernetes, or that of nginx. */
const prefixes = /^(?:nginx\.ingress\.kubernetes\.io|nginx\.org|nginx\.com)\//;

interface Line {
  readonly text: string;
  readonly from: IngressAnnotation | null;
}

export function writeIngresses(ingresses: readonly Ingress[]): WrittenIngress {
  const fates: Fate[] = [];
  const http: Line[] = [];
  const upstreams = new Map<string, Line[]>();
  const servers = new Map<string, Line[]>();
  ingresses.forEach((ingress, index) => {
    const own = annotationLines(ingress, String(index + 1), fates);
    const all = valuesOf(ingress);
    for (const { secret } of ingress.tls)
      fates.push({
        outcome: 'kept',
        line: `secretName: ${secret}`,
        text: `listen[].tls; write its tls.crt and tls.key to ${secretFile(secret)}.crt and .key`,
        where: ingress.where,
      });
    http.push(...own.http);
    for (const { host, paths } of ingress.rules) {
      const server = servers.get(host ?? '') ?? serverStart(ingress, host);
      servers.set(host ?? '', server);
      server.push(...own.server);
      for (const path of paths) {
        const upstream = oneWord(`${ingress.namespace}-${path.service}-${path.port}`);
        upstreams.set(upstream, [
          note(`server ${oneWord(path.service)}.${oneWord(ingress.namespace)}.svc:${oneWord(path.port)};`),
          ...own.upstream,
        ]);
        server.push(...locationLines(path, upstream, own.location, all));
      }
    }
  });
  const block = (head: string, inside: readonly Line[]) => [note(`${head} {`), ...inside, note('}')];
  const whole = [
    note('events {}'),
    ...block('http', [
      ...http,
      ...[...upstreams].flatMap(([name, inside]) => block(`upstream ${name}`, inside)),
      ...[...servers.values()].flatMap((inside) => block('server', inside)),
    ]),
  ];
  const from = new Map(whole.flatMap((line, index) => (line.from === null ? [] : [[index + 1, line.from] as const])));
  return { text: whole.map(({ text }) => text).join('\n'), from, fates };
}

function note(text: string): Line {
  return { text, from: null };
}

function valuesOf({ annotations }: Ingress): Annotations {
  return new Map(annotations.map(({ name, value }) => [name.replace(prefixes, ''), value]));
}

/** Snippets of several lines keep one line each, so that a fate finds its annotation. */
function annotationLines(ingress: Ingress, id: string, fates: Fate[]): Record<LinePlace, Line[]> {
  const own: Record<LinePlace, Line[]> = { http: [], upstream: [], server: [], location: [] };
  const all = valuesOf(ingress);
  for (const annotation of ingress.annotations) {
    const { name, value, where } = annotation;
    // Others than nginx's are for others to read.
    if (!prefixes.test(name)) continue;
    const made = translateAnnotation(name.replace(prefixes, ''), value, all, id);
    if (made !== undefined && 'lines' in made) {
      for (const { place, text } of made.lines) own[place].push({ text, from: annotation });
      continue;
    }
    const { outcome, text } = made ?? {
      outcome: 'lost' as const,
      text: 'Holdline does not know what it would be in the spec',
    };
    fates.push({ outcome, line: `${name}: ${value}`, text, where });
  }
  return own;
}

function serverStart({ tls }: Ingress, host: string | null): Line[] {
  const secret = tls.find(({ hosts }) => hosts.length === 0 || (host !== null && hosts.includes(host)))?.secret;
  const name = host === null ? 'listen 80 default_server;' : `listen 80; server_name ${oneWord(host)};`;
  if (secret === undefined) return [note(name)];
  const files = `ssl_certificate ${secretFile(secret)}.crt; ssl_certificate_key ${secretFile(secret)}.key;`;
  return [note(`${name} listen 443 ssl;`), note(files)];
}

function secretFile(secret: string): string {
  return `/etc/holdline/tls/${oneWord(secret)}`;
}

/** As the controller's template has them (rootfs/etc/nginx/template/nginx.tmpl). */
const usual = [
  'proxy_http_version 1.1;',
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Connection upgrade;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
];

function locationLines(
  { path, pathType }: IngressPath,
  upstream: string,
  own: readonly Line[],
  all: Annotations,
): Line[] {
  const target = all.get('rewrite-target');
  const isPattern = all.get('use-regex') === 'true' || target !== undefined;
  const scheme = /^https$/i.test(all.get('backend-protocol') ?? '') ? 'https' : 'http';
  const clean = `"${path.replaceAll(/["\s;]/g, '')}"`.replaceAll('"', '');
  const prefix = clean.replace(/\/+$/, '');
  const head = isPattern
    ? `location ~ "^${clean}"`
    : pathType === 'Exact'
      ? `location = ${clean}`
      : pathType === 'Prefix' && prefix !== ''
        ? `location ~ "^${prefix.replaceAll('.', '\\.')}(?:/|$)"`
        : `location ${clean === '' ? '/' : clean}`;
  const setsHost = own.some(({ text }) => /^proxy_set_header Host /.test(text));
  return [
    note(`${head} {`),
    ...usual.map(note),
    ...(setsHost ? [] : [note('proxy_set_header Host $http_host;')]),
    ...own,
    ...(target === undefined ? [] : [note(`rewrite "^${clean}" ${oneWord(target)} break;`)]),
    note(`proxy_pass ${scheme}://${upstream};`),
    note('}'),
  ];
}

/** Fates of the lines as fates of the annotations that they come from; what no annotation says is the controller's own. */
export function annotationFates(written: WrittenIngress, fates: readonly Fate[]): readonly Fate[] {
  const rank = { 'not-needed': 0, kept: 1, lost: 2 } as const;
  const made = new Map<IngressAnnotation, Fate>();
  for (const fate of fates) {
    const annotation = written.from.get(fate.where.range?.start.line ?? 0);
    if (annotation === undefined) continue;
    const { name, value, where } = annotation;
    const isSnippet = value.trim().includes('\n') || /snippet/.test(name);
    const text = isSnippet ? `${fate.line}: ${fate.text}` : fate.text;
    const before = made.get(annotation);
    const line = `${name}: ${value.trim().replaceAll(/\s*\n\s*/g, ' ')}`.slice(0, 120);
    if (before === undefined) made.set(annotation, { outcome: fate.outcome, line, text, where });
    else if (before.text.includes(text)) continue;
    else if (isSnippet || rank[fate.outcome] === rank[before.outcome])
      made.set(annotation, {
        ...before,
        text: `${before.text}; ${text}`,
        outcome: rank[fate.outcome] > rank[before.outcome] ? fate.outcome : before.outcome,
      });
    else if (rank[fate.outcome] > rank[before.outcome])
      made.set(annotation, { outcome: fate.outcome, line, text, where });
  }
  const all = [...made.values(), ...written.fates];
  return all.toSorted((a, b) => (a.where.range?.start.offset ?? 0) - (b.where.range?.start.offset ?? 0));
}
