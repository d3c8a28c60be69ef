/** What the spec asks for and nginx cannot do, or does in another way: said, with what to do instead. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { formatDuration, formatSize } from '../../base/units.ts';
import type { RouteSpec } from '../../spec/model.ts';
import { type GenerateCode, generateDiagnostic } from './checked.ts';
import { has } from './gates.ts';
import { isRounded } from './rates.ts';
import { type GenerateTask, listenCount, type Site, upstreamOf } from './site.ts';
import { isName } from './upstreams.ts';

type Note = Diagnostic<GenerateCode>;

export function notes(task: GenerateTask): Note[] {
  return [...settings(task), ...routeNotes.flatMap((row) => forRoutes(task, row))];
}

interface RouteNote {
  readonly code: 'generate-nginx-cannot' | 'generate-nginx-partly';
  readonly applies: (route: RouteSpec, site: Site) => boolean;
  readonly message: (route: RouteSpec) => string;
  readonly help: string;
}

const cannot = 'generate-nginx-cannot';
const partly = 'generate-nginx-partly';

const routeNotes: readonly RouteNote[] = [
  {
    code: cannot,
    applies: ({ heartbeat }) => heartbeat !== null,
    message: ({ heartbeat }) =>
      `nginx sends no pings: the heartbeat of ${formatDuration(heartbeat!.everyMs)} is the application’s to send`,
    help: 'let the server send a ping that often and close when no pong comes; proxy_read_timeout is planned for it',
  },
  {
    code: cannot,
    applies: ({ lifetimeMs }) => lifetimeMs !== null,
    message: ({ lifetimeMs }) =>
      `nginx ends no connection by age: the lifetime of ${formatDuration(lifetimeMs!)} is not kept`,
    help: 'let the server close with code 1001 when the time is up',
  },
  {
    code: cannot,
    applies: ({ limits }) => limits.messagesPerSecond !== null || limits.bytesPerSecond !== null,
    message: () =>
      'nginx does not look into a WebSocket: messages and bytes per second are not limited, and limit_rate does not apply',
    help: 'count messages in the server, and close with code 1008',
  },
  {
    code: cannot,
    applies: () => true,
    message: ({ limits }) =>
      `nginx knows no messages: one of ${limits.messageBytesMax === null ? 'any size' : `more than ${formatSize(limits.messageBytesMax)}`} goes through, and client_max_body_size does not apply`,
    help: 'set the server’s own limit (maxPayload in ws, max_size in websockets)',
  },
  {
    code: cannot,
    applies: () => true,
    message: ({ drain }) =>
      `nginx sends no close frame and has no pace: worker_shutdown_timeout cuts what is left in one turn, and clients see 1006 instead of ${drain.code}`,
    help: 'let the application close its connections at a pace before old workers end; clients come back after a random delay',
  },
  {
    code: partly,
    applies: () => true,
    message: ({ limits }) =>
      `a slow reader is held back by send_timeout and the kernel’s buffers, not by ${formatSize(limits.bufferBytesMax)} and ${formatDuration(limits.slowConsumerMs)}; one that still sends is never cut`,
    help: 'watch the server’s own queue for each client (bufferedAmount in ws)',
  },
  {
    code: partly,
    applies: () => true,
    message: ({ handshake }) =>
      `the handshake’s ${formatDuration(handshake.timeoutMs)} cover the request and the connect; a server that accepts and says nothing is given proxy_read_timeout`,
    help: 'one directive is both the handshake’s and the idle timeout; the log has them apart, as handshake and life',
  },
  {
    code: partly,
    applies: ({ handshake }) => handshake.authorize !== null,
    message: () =>
      'auth_request asks the authorizer for handshakes only, passes its 401 and 403 on without their body, and makes 500 of any other answer; tags are not read',
    help: 'nginx has to be built with ngx_http_auth_request_module, as Debian’s and nginx.org’s are',
  },
  {
    code: cannot,
    applies: ({ path, headers, subprotocol }) =>
      path !== null || subprotocol !== null || Object.values(headers).some(isChanging),
    message: () => 'changes of paths, headers and subprotocols are not written into this nginx.conf',
    help: 'write proxy_pass with a path, proxy_set_header and add_header by hand, or put the built-in edge behind nginx',
  },
  {
    code: cannot,
    applies: ({ hooks }) => hooks !== null,
    message: () => 'hooks run in the built-in edge and not in nginx',
    help: 'move what the hook decides into an authorizer, or put the built-in edge behind nginx',
  },
  {
    code: partly,
    applies: ({ handshake }) => handshake.ratePerSecond !== null && isRounded(handshake.ratePerSecond),
    message: ({ handshake }) =>
      `nginx counts whole handshakes for a minute, so ${handshake.ratePerSecond}/s is rounded`,
    help: 'write a rate that is a whole number for a second or a minute',
  },
  {
    code: cannot,
    applies: (route, site) =>
      (upstreamOf(site, route)?.servers ?? []).some(({ connectionsMax }) => connectionsMax !== null),
    message: () =>
      'max_conns forgets the connections of old workers at each reload, so for a while a server may get twice as many',
    help: 'let the server refuse above its own limit as well',
  },
];

function isChanging({ set, add, remove }: RouteSpec['headers']['toServer']): boolean {
  return set.length + add.length + remove.length > 0;
}

/** One note for all routes that it concerns. */
function forRoutes({ routes, site }: GenerateTask, { code, applies, message, help }: RouteNote): Note[] {
  const byMessage = new Map<string, RouteSpec[]>();
  for (const route of routes) {
    if (!applies(route, site)) continue;
    const text = message(route);
    byMessage.set(text, [...(byMessage.get(text) ?? []), route]);
  }
  return [...byMessage].map(([text, concerned]) => {
    const all = concerned.length === routes.length;
    const names = concerned.map(({ name }) => name).join(', ');
    return generateDiagnostic(code, all ? text : `${text} (${names})`, { help });
  });
}

function settings({ plan, site, form, routes }: GenerateTask): Note[] {
  const found: Note[] = [];
  const listens = listenCount(site, form);
  if (plan.workload.listens !== listens)
    found.push(
      generateDiagnostic(
        'generate-listens-differ',
        `the plan counts with ${plan.workload.listens} listening sockets for each worker, and there are ${listens}`,
      ),
    );
  const follows = site.resolvers.length > 0 && has(plan.version, 'resolve');
  const named = site.upstreams.flatMap(({ servers }) => servers.map(({ url }) => url)).filter(isName);
  const lookedUp = named.filter((url) => new URL(url.replace(/^srv\+/, '')).hostname !== 'localhost');
  if (!follows && lookedUp.length > 0)
    found.push(
      generateDiagnostic(
        'generate-resolved-once',
        `${lookedUp.join(', ')}: looked up when nginx starts or reloads, and not again`,
      ),
    );
  if (!has(plan.version, 'headersJoined') && routes.some(({ origins }) => origins.allow !== null))
    found.push(
      generateDiagnostic(
        'generate-nginx-partly',
        'before 1.23.0 nginx sees only the first of two Origin headers; browsers send one, other programs can write any',
        { help: 'nothing that a browser does gets past the list' },
      ),
    );
  if (site.listen.some((listen) => listen.otherCertificates.length > 0 || listen.clientCertificates !== null))
    found.push(
      generateDiagnostic(
        'generate-nginx-cannot',
        'of several certificates the first is written, and clients are not asked for theirs',
        {
          help: 'write a server for each name with ssl_certificate, and ssl_client_certificate with ssl_verify_client',
        },
      ),
    );
  const modes = site.listen.flatMap(({ address: { unix } }) =>
    unix === undefined || unix.mode === 0o666 ? [] : [unix],
  );
  if (modes.length > 0)
    found.push(
      generateDiagnostic(
        'generate-nginx-partly',
        `${modes.map(({ path }) => path).join(', ')}: nginx gives its sockets the mode 666 and the owner that starts it`,
        { help: 'let the folder say who may enter it' },
      ),
    );
  const ownAuthorities = site.upstreams.filter(({ ca }) => ca !== null).map(({ name }) => name);
  if (ownAuthorities.length > 0)
    found.push(
      generateDiagnostic(
        'generate-nginx-cannot',
        `the ca of ${ownAuthorities.join(', ')} is not written: its servers are checked against the public authorities`,
        { help: 'put the file into proxy_ssl_trusted_certificate' },
      ),
    );
  if (
    site.listen.filter(({ tls }) => tls !== null).length > 1 &&
    new Set(site.listen.map(({ tls }) => tls?.cert)).size > 2
  )
    found.push(
      generateDiagnostic(
        'generate-nginx-partly',
        'the listeners have different certificates; a server of nginx has one for all its listeners, and the first is written',
        { help: 'use one certificate for all names' },
      ),
    );
  return found;
}
