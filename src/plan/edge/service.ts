/**
 * The edge as a service of systemd: every setting of its units, each with its reason. systemd.exec(5),
 * systemd.service(5), systemd.socket(5).
 */
import { parseAddress } from '../../base/address.ts';
import { formatHostPort } from '../../spec/value/address.ts';
import { roundUpTo } from '../nginx/figure.ts';
import type { MachineFacts } from '../nginx/machine.ts';
import { kernelSettings, type SystemSetting } from '../system.ts';
import { edgeConstants as constants } from './constants.ts';
import type { EdgePlan } from './model.ts';
import { sandbox } from './sandbox.ts';

export interface ServiceRequest {
  /** Made without regard to the descriptors that this process may have: the unit is to say how many are needed. */
  readonly plan: EdgePlan;
  readonly machine: MachineFacts;
  /** Name of the units, of the folders below /run, /var/lib and /var/log, and of the log. */
  readonly name: string;
  /** Absolute paths. */
  readonly node: string;
  readonly cli: string;
  readonly spec: string;
  readonly environmentFile: string;
  /** null lets systemd make a user up. */
  readonly user: string | null;
  /** Groups that files of the spec are for. */
  readonly groups: readonly string[];
  /** systemd opens the sockets. */
  readonly activation: boolean;
  /** Something that the service needs stands below /home or /root. */
  readonly readsHome: boolean;
}

export interface ServiceUnits {
  readonly unit: readonly SystemSetting[];
  readonly service: readonly SystemSetting[];
  readonly install: readonly SystemSetting[];
  /** One for each mode and owner of Unix sockets; the first has the ports as well. */
  readonly sockets: readonly (readonly SystemSetting[])[];
  readonly sysctl: readonly SystemSetting[];
}

/**
 * A supervisor that stands still for so long does not come back by itself. Its own remedy for workers takes half of it.
 */
const watchdogSeconds = 60;
/**
 * Closes with 1001 (5 s), the last reports of the workers (2 s) and the servers that the edge started (3 s), with room
 * for a busy machine.
 */
const stopMarginSeconds = 20;
/** Workers that have lost their supervisor say goodbye for 2 s. */
const orphanSeconds = 3;
/**
 * Below it, a unit would have less than most have by default, and the servers that the edge starts have the same limit.
 */
const descriptorsMin = 65_536;
/** Only root, or who has CAP_NET_BIND_SERVICE, may listen below. */
const freePort = 1024;

export function serviceUnits(request: ServiceRequest): ServiceUnits {
  const { plan, machine, name, activation } = request;
  // nginx opens its sockets itself.
  const groups = activation && plan.engine === 'gateway' ? socketGroups(plan) : [];
  const names = groups.map((_, index) => socketName(name, index));
  const own = plan.listen.filter((listen) => !groups.flat().includes(listen)).map((listen) => listen.address);
  const low = [...own, plan.control.address].filter(
    ({ unix, port }) => unix === undefined && port > 0 && port < freePort,
  );
  const descriptors =
    plan.limits.connectionsPerWorker * constants.descriptorsPerConnection + constants.descriptorsSpare;
  const limit = Math.max(descriptorsMin, roundUpTo(1024, descriptors));
  const needs = { backlog: constants.listenBacklog, descriptors: limit, ports: portNeeds(plan) };
  return {
    unit: [
      setting('Description', `Holdline, the edge of ${literal(request.spec)}`, ''),
      setting('Wants', 'network-online.target', 'addresses to listen on and names of servers are there'),
      setting('After', 'network-online.target', ''),
      setting('StartLimitIntervalSec', '0', 'a start that fails is tried again for as long as it takes'),
    ],
    service: [
      ...commands(request, names),
      ...endings(plan),
      setting(
        'LimitNOFILE',
        String(limit),
        `${plan.limits.connectionsPerWorker} connections of each worker, with ${constants.descriptorsPerConnection} descriptors each`,
      ),
      ...sandbox({
        ...request,
        lowPorts: low.map(formatHostPort),
        manages: plan.upstreams.some(({ managed }) => managed !== null),
      }),
    ],
    install: [
      setting('WantedBy', 'multi-user.target', ''),
      ...(names.length === 0 ? [] : [setting('Also', names.join(' '), '')]),
    ],
    sockets: groups.map((group, index) => socketSettings(group, index === 0 ? null : `${name}.service`)),
    sysctl: kernelSettings(needs, machine),
  };
}

export function setting(key: string, value: string, because: string): SystemSetting {
  return { key, value, because };
}

/** `holdline.socket`, `holdline-2.socket`. */
export function socketName(name: string, index: number): string {
  return `${name}${index === 0 ? '' : `-${index + 1}`}.socket`;
}

function commands(request: ServiceRequest, sockets: readonly string[]): SystemSetting[] {
  const { plan, name, spec, environmentFile } = request;
  const run = (...words: string[]) => [request.node, request.cli, ...words].map(escaped).join(' ');
  const { address } = plan.control;
  const at =
    address.unix === undefined && address.port === 4653 && address.host === '127.0.0.1'
      ? []
      : ['--control', formatHostPort(address)];
  const passed =
    'systemd has opened them: they need no privilege, and clients wait in their queue while the edge is restarted';
  return [
    setting('Type', 'notify', 'the edge says when it listens'),
    setting('NotifyAccess', 'all', 'systemd-notify carries the messages, a process of its own'),
    ...(sockets.length === 0 ? [] : [setting('Sockets', sockets.join(' '), passed)]),
    setting(
      'EnvironmentFile',
      `-${pattern(environmentFile)}`,
      'HOLDLINE_TOKEN=… stands here, when the control API has a token; for root only (chmod 600)',
    ),
    setting('ExecStart', run('up', spec, '--log', logFile(name)), ''),
    ...(plan.engine === 'nginx'
      ? []
      : [
          setting(
            'ExecReload',
            run('upgrade', '--if-changed', ...at),
            'after an update of the package, its code takes over under the live connections; otherwise this does nothing',
          ),
        ]),
    setting(
      'ExecReload',
      run('reload', ...at),
      'the spec and the certificates are read again; with an error in them, nothing changes and the reload fails',
    ),
    setting('TimeoutStartSec', '5min', 'also the longest that a reload may take'),
  ];
}

/** Where connections are logged: below LogsDirectory=. */
export function logFile(name: string): string {
  return `/var/log/${name}/connections.log`;
}

function endings({ drain }: EdgePlan): SystemSetting[] {
  const stopSeconds = Math.ceil(drain.deadlineMs / 1000) + stopMarginSeconds;
  return [
    setting('KillMode', 'mixed', 'SIGTERM only for the edge: its servers have to outlive the drain'),
    setting(
      'TimeoutStopSec',
      String(stopSeconds),
      `the drain takes up to ${Math.ceil(drain.deadlineMs / 1000)} s, and the last closes follow`,
    ),
    setting(
      'ExecStop',
      `/bin/sh -c '[ -n "$$MAINPID" ] || sleep ${orphanSeconds}'`,
      'if the supervisor was killed, its workers still have time to send every client a close frame',
    ),
    setting('Restart', 'always', ''),
    setting('RestartSec', '1', ''),
    setting(
      'WatchdogSec',
      String(watchdogSeconds),
      'signs of life come only while workers answer; the edge has replaced one that hangs by then',
    ),
    setting(
      'OOMPolicy',
      'continue',
      'when the kernel kills a worker for want of memory, the edge replaces it; by default systemd would end everything',
    ),
  ];
}

/**
 * Addresses that a socket unit can have: no names, which systemd does not look up, and no port of the system's choice.
 */
function socketGroups(plan: EdgePlan): EdgePlan['listen'][] {
  const fit = plan.listen.filter(
    ({ address }) => address.unix !== undefined || (address.port !== 0 && parseAddress(address.host) !== null),
  );
  const groups = new Map<string, EdgePlan['listen'][number][]>();
  const ports = fit.filter(({ address }) => address.unix === undefined);
  if (ports.length > 0) groups.set('ports', ports);
  for (const listen of fit) {
    const { unix } = listen.address;
    if (unix === undefined) continue;
    const key = `${unix.mode} ${unix.owner}`;
    groups.set(key, [...(groups.get(key) ?? []), listen]);
  }
  return [...groups.values()];
}

function socketSettings(group: EdgePlan['listen'], service: string | null): SystemSetting[] {
  const unix = group[0]?.address.unix;
  const [user = '', owners = ''] = (unix?.owner ?? '').split(':');
  return [
    ...group.map(({ address }) => setting('ListenStream', literal(address.unix?.path ?? formatHostPort(address)), '')),
    ...(unix === undefined
      ? []
      : [setting('SocketMode', unix.mode.toString(8).padStart(4, '0'), ''), setting('RemoveOnStop', 'yes', '')]),
    ...(user === '' ? [] : [setting('SocketUser', user, '')]),
    ...(owners === '' ? [] : [setting('SocketGroup', owners, '')]),
    setting(
      'Backlog',
      String(constants.listenBacklog),
      'clients that come back together wait here; net.core.somaxconn cuts it',
    ),
    ...(service === null ? [] : [setting('Service', service, '')]),
  ];
}

/** null: nobody says how many connections there are to be. */
function portNeeds({ workload, limits, upstreams, reasons }: EdgePlan): { connections: number; pairs: number } | null {
  const asked = reasons.some(({ name, because }) => name === 'connections' && because === 'the spec says so');
  const connections = workload.connections ?? (asked ? limits.connections : null);
  const pairs = upstreams.reduce(
    (sum, { managed, servers }) =>
      sum + (managed?.instances.max ?? servers.filter(({ url }) => !url.startsWith('unix:')).length),
    0,
  );
  return connections === null || pairs === 0 ? null : { connections, pairs };
}

/** A word of a command line: `%` and `$` mean something in a unit, and so do quotes and spaces. */
function escaped(word: string): string {
  const text = literal(word).replaceAll('$', '$$$$');
  return /^[\w./:@%$=+,-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * A path that systemd takes for a pattern, glob(7). It knows no quotes: with them the path would not be absolute, and
 * be ignored.
 */
function pattern(path: string): string {
  return literal(path).replaceAll(/[\\*?[]/g, '\\$&');
}

/** A value that runs to the end of its line: only `%` means something in it. */
function literal(value: string): string {
  return value.replaceAll('%', '%%');
}
