/** What is tried on the running nginx, one check after the other; each says what it saw. */

import { setTimeout as delay } from 'node:timers/promises';
import type { RouteSpec } from '../../../spec/model.ts';
import { checksOrigin, type NumberedRoute } from '../../generate/site.ts';
import { type Checking, result, type VerifyCheck, type VerifyResult } from './check.ts';
import { type Ask, askTrial, closedWithin, type TrialAnswer } from './client.ts';
import { numbersInForce } from './numbers.ts';
import type { Trial } from './trial.ts';

export const verifyChecks = {
  upgrades,
  origins,
  otherProtocols,
  plainRequests,
  idleCut,
  perAddress,
  numbersInForce,
} as const satisfies Record<string, VerifyCheck>;

async function upgrades({ trial }: Checking): Promise<VerifyResult[]> {
  const found: VerifyResult[] = [];
  for (const route of trial.site.routes)
    for (const [index, listen] of trial.site.listen.entries()) {
      const answer = await tryRoute(trial, route, { port: trial.ports[index]!, secure: listen.tls !== null });
      answer.socket.destroy();
      const way = listen.tls === null ? 'ws' : 'wss';
      found.push(
        result(
          `a WebSocket is let in: ${way}, ${nameOf(route)}`,
          answer.status === 101,
          `${said(answer)} after ${answer.milliseconds.toFixed(1)} ms`,
        ),
      );
    }
  return found;
}

async function origins({ trial }: Checking): Promise<VerifyResult[]> {
  const found: VerifyResult[] = [];
  for (const route of trial.site.routes.filter(checksOrigin)) {
    const { allow, mode, missing } = route.origins;
    const refused = mode === 'enforce' ? 403 : 101;
    const cases = [
      ...(allow ?? []).map((origin) => ({ origin: origin.replace('*.', 'any.sub.'), expected: 101 })),
      ...(allow === null
        ? []
        : [
            'https://evil.example',
            'null',
            ...allow
              .filter((origin) => /^https?:/.test(origin))
              .slice(0, 1)
              .map((origin) => `${origin.replace('*.', '').replace(/:\d+$/, '')}.evil.example`),
          ].map((origin) => ({ origin: origin as string | undefined, expected: refused }))),
      { origin: undefined, expected: missing === 'allow' ? 101 : refused },
    ];
    for (const { origin, expected } of cases) {
      const answer = await tryRoute(trial, route, { origin: origin ?? null });
      answer.socket.destroy();
      const whose = origin === undefined ? 'no Origin' : `Origin ${origin}`;
      found.push(
        result(
          `${whose} gets ${expected}${mode === 'report' ? ' (report mode)' : ''}: ${nameOf(route)}`,
          answer.status === expected,
          said(answer),
        ),
      );
    }
  }
  return found;
}

/** nginx tunnels whatever a server says 101 to; the trial server says it to every Upgrade that reaches it. */
async function otherProtocols({ trial }: Checking): Promise<VerifyResult[]> {
  const route = trial.site.routes[0]!;
  const answer = await tryRoute(trial, route, { upgrade: 'h2c' });
  answer.socket.destroy();
  return [
    result('another protocol than WebSocket is not passed on: Upgrade: h2c', answer.status === 200, said(answer)),
  ];
}

/**
 * Each worker has a pool of its own, and any of them may take a request: only more requests than workers tell
 * something.
 */
const plainBeyondWorkers = 5;

async function plainRequests({ trial }: Checking): Promise<VerifyResult[]> {
  const route = trial.site.routes[0]!;
  const path = pathOf(route);
  // One that is answered first, because a new pool has to open a connection.
  const first = await tryRoute(trial, route, { upgrade: null });
  first.socket.destroy();
  const before = trial.server.accepted();
  const workers = trial.plan.workers.workers.value;
  const count = workers + plainBeyondWorkers;
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const answer = await tryRoute(trial, route, { upgrade: null });
    answer.socket.destroy();
    statuses.push(answer.status);
  }
  const opened = trial.server.accepted() - before;
  const connection = trial.server.lastHeaders(path)?.connection;
  return [
    result(
      `plain HTTP beside the WebSockets keeps its connections: ${count} requests`,
      statuses.every((status) => status === 200) && opened <= workers,
      `${[...new Set(statuses)].join(', ')}; ${opened} new connections to the server (a pool for each of ${workers} workers), Connection: ${connection ?? 'none'}`,
    ),
  ];
}

/** nginx's timers are lazy by 0.3 s and start with the handshake; the rest is for a machine that is busy. */
const lazyMs = 400;
const lateMs = 2_000;

async function idleCut({ trial, nginx }: Checking): Promise<VerifyResult[]> {
  const { idleMs } = trial;
  const route = trial.site.routes[0]!;
  const [idle, busy] = [await tryRoute(trial, route, {}), await tryRoute(trial, route, {})];
  if (idle.status !== 101 || busy.status !== 101)
    return [result('an idle connection is cut in time', false, `the handshakes got ${idle.status} and ${busy.status}`)];
  const traffic = setInterval(() => busy.socket.write(emptyPing), idleMs / 3);
  const cut = await closedWithin(idle.socket, idleMs + lateMs);
  const busyCut = await closedWithin(busy.socket, Math.max(0, idleMs * 1.5 - (cut ?? idleMs)));
  clearInterval(traffic);
  idle.socket.destroy();
  busy.socket.destroy();
  const planned = (idleMs / 1000).toFixed(1);
  return [
    result(
      `an idle connection is cut after ${planned} s and not before`,
      cut !== null && cut > idleMs - lazyMs,
      cut === null ? 'it was still open two seconds later' : `cut after ${(cut / 1000).toFixed(2)} s`,
    ),
    result(
      'a connection with a ping every third of that time stays',
      busyCut === null && nginx.workers().length > 0,
      busyCut === null ? `open after ${((idleMs * 1.5) / 1000).toFixed(1)} s` : 'it was cut',
    ),
  ];
}

/** An empty ping as a client sends it (RFC 6455, 5.5.2), with a mask of zeros. */
const emptyPing = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
/** More would prove nothing more. */
const perAddressMax = 200;

async function perAddress({ trial }: Checking): Promise<VerifyResult[]> {
  const found: VerifyResult[] = [];
  for (const route of trial.site.routes) {
    const most = route.limits.connectionsPerAddress;
    if (most === null) continue;
    const name = `connection ${most + 1} from one address gets 429: ${nameOf(route)}`;
    if (most > perAddressMax) {
      found.push({ name, outcome: 'skipped', saw: `${most} connections are too many for a trial` });
      continue;
    }
    const answers: TrialAnswer[] = [];
    for (let count = 0; count <= most; count++)
      answers.push(await tryRoute(trial, route, {}, count < most ? 'patient' : 'once'));
    for (const { socket } of answers) socket.destroy();
    const statuses = answers.map(({ status }) => status);
    found.push(
      result(
        name,
        statuses.pop() === 429 && statuses.every((status) => status === 101),
        `${statuses.filter((status) => status === 101).length} were let in, then ${said(answers.at(-1)!)}`,
      ),
    );
  }
  return found;
}

interface Way {
  readonly port?: number;
  readonly secure?: boolean;
  /** null: none at all; left out: one that the route admits. */
  readonly origin?: string | null;
  readonly upgrade?: string | null;
}

const attemptsMax = 40;

/** `patient` tries again when a limit on the rate of handshakes says 429: the trial comes from one address. */
async function tryRoute(
  trial: Trial,
  route: RouteSpec,
  way: Way,
  manner: 'patient' | 'once' = 'patient',
): Promise<TrialAnswer> {
  const origin = way.origin === undefined ? admitted(route) : (way.origin ?? undefined);
  const request: Ask = {
    port: way.port ?? trial.ports[0]!,
    secure: way.secure ?? trial.site.listen[0]!.tls !== null,
    host: (route.match.host ?? 'localhost').replace('*.', 'any.'),
    path: pathOf(route),
    origin,
    upgrade: way.upgrade === undefined ? 'websocket' : way.upgrade,
  };
  const rate = route.handshake.ratePerSecond;
  for (let attempt = 1; ; attempt++) {
    const answer = await askTrial(request);
    if (answer.status !== 429 || rate === null || manner === 'once' || attempt === attemptsMax) return answer;
    answer.socket.destroy();
    await delay(Math.min(2_000, 1_000 / rate));
  }
}

function admitted({ origins: { allow } }: RouteSpec): string | undefined {
  return allow?.[0]?.replace('*.', 'www.');
}

function pathOf(route: RouteSpec): string {
  return route.match.path;
}

function nameOf(route: Pick<NumberedRoute, 'match'>): string {
  return `${route.match.host ?? ''}${route.match.path}`;
}

function said({ status }: TrialAnswer): string {
  return status === 0 ? 'closed without an answer' : String(status);
}
