/**
 * Everything that a user wrote and that would stand in a generated file is held against a pattern of what it can be. A
 * spec's reader does so too; this is the last gate, for whoever builds a site in a program, and it knows what nginx
 * makes of a name.
 */

import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { generateCodes } from '../../base/catalogue/generate.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { Form, Site } from './site.ts';

export type GenerateCode = keyof typeof generateCodes;

export function generateDiagnostic(
  code: GenerateCode,
  message: string,
  more: { path?: string; why?: string; help?: string } = {},
): Diagnostic<GenerateCode> {
  const { path, why, help } = more;
  const { severity, remedy } = catalogue[code];
  return {
    code,
    severity,
    message,
    ...(path === undefined ? {} : { where: { path } }),
    ...(why === undefined ? {} : { why }),
    help: help ?? remedy,
  };
}

/** No name of a real site is longer. */
const lengthMax = 1_024;

const hostName = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?';
const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
const ipv6 = '[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*';

/**
 * What may stand in a file, by kind: none of these lets a space, a quote, a semicolon, a brace, a dollar or a backslash
 * through.
 */
const kinds = {
  'host name': new RegExp(`^(?:\\*\\.)?${hostName}$|^\\[?${ipv6}\\]?$`),
  'address to listen on': new RegExp(`^(?:${hostName}|${ipv6}|\\*)$`),
  'path of a route': /^\/[A-Za-z0-9/._~!&()*+,=:@-]*$/,
  'name of a route': /^[A-Za-z0-9/*_.:~%@+\-[\]!&(),=]+$/,
  'name of an upstream': /^[A-Za-z][A-Za-z0-9_.-]*$/,
  'name of a header': /^[A-Za-z0-9-]+$/,
  'name of a cookie or query argument that nginx has a variable for': /^[A-Za-z0-9_]+$/,
  'origin with its scheme, such as https://app.example.com': new RegExp(
    `^[a-z][a-z0-9+.-]*://(?:(?:\\*\\.)?${hostName}|\\[${ipv6}\\])(?::\\d{1,5})?$`,
  ),
  'address of a server, such as http://10.0.0.1:9000 or unix:/run/app.sock': new RegExp(
    `^https?://(?:${hostName}|\\[${ipv6}\\])(?::\\d{1,5})?$|^srv\\+http://${hostName}$|^unix:/[A-Za-z0-9/._@+-]+$`,
  ),
  'URL of an authorizer without variables': new RegExp(
    `^https?://(?:${hostName}|\\[${ipv6}\\])(?::\\d{1,5})?(?:/[A-Za-z0-9/._~!&()*+,=:@%?-]*)?$`,
  ),
  'file path': /^[A-Za-z0-9/._@+~-]+(?: [A-Za-z0-9/._@+~-]+)*$/,
  'block of addresses': new RegExp(`^(?:${ipv4}|${ipv6})(?:/\\d{1,3})?$|^unix:$`),
  'IP address': new RegExp(`^(?:${ipv4}|${ipv6})$`),
  'name server': new RegExp(`^(?:${hostName}|\\[${ipv6}\\])(?::\\d{1,5})?$`),
  'name of a user': /^[a-z_][a-z0-9_-]*$/,
} as const;

type Kind = keyof typeof kinds;

/** Names first; only when all of them are plain is it worth looking at what they mean together. */
export function checkSite(site: Site, form: Form): Diagnostic<GenerateCode>[] {
  const unsafe = names(site).flatMap(([path, kind, text]) => checkName(path, kind, text));
  return unsafe.length > 0 ? unsafe : [...site.upstreams.flatMap(checkUpstream), ...checkTogether(site, form)];
}

function checkName(path: string, kind: Kind, text: string): Diagnostic<GenerateCode>[] {
  if (text.length <= lengthMax && kinds[kind].test(text)) return [];
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return [
    generateDiagnostic('generate-name-unsafe', `${path}: ${shown} is no ${kind}, so it is not written`, { path }),
  ];
}

type Name = readonly [path: string, kind: Kind, text: string];

function names(site: Site): Name[] {
  return [
    ...site.listen.flatMap(({ address, tls }, index): Name[] => [
      address.unix === undefined
        ? [`listen[${index}].address`, 'address to listen on', address.host]
        : [`listen[${index}].address`, 'file path', address.unix.path],
      ...(tls === null
        ? []
        : ([
            [`listen[${index}].tls.cert`, 'file path', tls.cert],
            [`listen[${index}].tls.key`, 'file path', tls.key],
          ] as Name[])),
    ]),
    ...each('trustedProxies', 'block of addresses', site.trustedProxies),
    ...each('bind', 'IP address', site.bind),
    ...each('resolvers', 'name server', site.resolvers),
    ...site.upstreams.flatMap(upstreamNames),
    ...site.routes.flatMap(({ name, match, upstream, origins, handshake }, index): Name[] => {
      const at = `routes[${index}]`;
      return [
        ...(match.host === null ? [] : ([[`${at}.match.host`, 'host name', match.host]] as Name[])),
        ...(site.tellsOpenings === true ? ([[`${at}.name`, 'name of a route', name]] as Name[]) : []),
        [`${at}.match.path`, 'path of a route', match.path],
        [`${at}.upstream`, 'name of an upstream', upstream],
        ...each(`${at}.origins`, 'origin with its scheme, such as https://app.example.com', origins.allow ?? []),
        ...(handshake.authorize === null
          ? []
          : ([
              [`${at}.handshake.authorize.url`, 'URL of an authorizer without variables', handshake.authorize.url],
              ...each(`${at}.handshake.authorize.headers`, 'name of a header', handshake.authorize.headers),
            ] as Name[])),
      ];
    }),
    ...(site.status === null ? [] : ([['status', 'address to listen on', site.status.host]] as Name[])),
    ...(site.user === null ? [] : ([['user', 'name of a user', site.user]] as Name[])),
    ...Object.entries(site.paths).map(([name, path]): Name => [`paths.${name}`, 'file path', path]),
  ];
}

function each(path: string, kind: Kind, texts: readonly string[]): Name[] {
  return texts.map((text, index) => [`${path}[${index}]`, kind, text]);
}

function upstreamNames({ name, servers, balance }: UpstreamSpec): Name[] {
  const at = `upstreams.${/^[\w.-]{1,64}$/.test(name) ? name : '?'}`;
  const key: Name[] =
    balance.kind !== 'hash' || balance.key.by === 'ip'
      ? []
      : balance.key.by === 'header'
        ? [[`${at}.balance`, 'name of a header', balance.key.name]]
        : [[`${at}.balance`, 'name of a cookie or query argument that nginx has a variable for', balance.key.name]];
  return [
    [at, 'name of an upstream', name],
    ...servers.map(
      ({ url }, index): Name => [
        `${at}.servers[${index}]`,
        'address of a server, such as http://10.0.0.1:9000 or unix:/run/app.sock',
        url,
      ],
    ),
    ...key,
  ];
}

function checkUpstream({ name, servers, verifyTls }: UpstreamSpec): Diagnostic<GenerateCode>[] {
  const path = `upstreams.${name}`;
  if (servers.length === 0)
    return [generateDiagnostic('generate-servers-missing', `the upstream ${name} has no servers for nginx`, { path })];
  const secure = servers.filter(({ url }) => url.startsWith('https:'));
  if (secure.length > 0 && secure.length < servers.length)
    return [
      generateDiagnostic('generate-servers-differ', `the upstream ${name} has servers on http and on https`, {
        path,
        why: 'proxy_pass names one scheme for the whole group.',
      }),
    ];
  const hosts = new Set(secure.map(({ url }) => new URL(url).hostname));
  if (verifyTls && hosts.size > 1)
    return [
      generateDiagnostic(
        'generate-servers-differ',
        `the certificates of the upstream ${name} are to be checked, and its servers have different names: ${[...hosts].join(', ')}`,
        { path, why: 'proxy_ssl_name is one name for the whole group.' },
      ),
    ];
  return [];
}

function checkTogether(site: Site, form: Form): Diagnostic<GenerateCode>[] {
  const found: Diagnostic<GenerateCode>[] = [];
  const proxied = site.listen.filter(({ proxyProtocol }) => proxyProtocol).length;
  if (proxied > 0 && proxied < site.listen.length)
    found.push(
      generateDiagnostic(
        'generate-contradiction',
        'some listeners expect the PROXY protocol and some do not: a server of nginx takes the client’s address from one place only',
        { path: 'listen' },
      ),
    );
  for (const [index, { upstream }] of site.routes.entries())
    if (!site.upstreams.some(({ name }) => name === upstream))
      found.push(
        generateDiagnostic('generate-servers-missing', `there is no upstream ${upstream}`, {
          path: `routes[${index}].upstream`,
        }),
      );
  const { status } = site;
  if (form === 'whole' && status !== null && !/^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/.test(status.host))
    found.push(
      generateDiagnostic(
        'generate-contradiction',
        `the status page would answer on ${status.host}, which is not loopback`,
        { path: 'status' },
      ),
    );
  return found;
}
