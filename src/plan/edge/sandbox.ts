/** What a service of systemd is kept from: the settings of its unit that have to do with rights. systemd.exec(5). */
import type { SystemSetting } from '../system.ts';

export interface SandboxRequest {
  readonly name: string;
  /** null lets systemd make a user up. */
  readonly user: string | null;
  readonly groups: readonly string[];
  readonly readsHome: boolean;
  /** Ports below 1024 that the edge itself listens on. */
  readonly lowPorts: readonly string[];
  /** The edge starts servers. */
  readonly manages: boolean;
}

export function sandbox(request: SandboxRequest): SystemSetting[] {
  const { name, user, groups, readsHome, lowPorts, manages } = request;
  const bind = lowPorts.length === 0 ? '' : 'CAP_NET_BIND_SERVICE';
  const rights: [key: string, value: string, because?: string][] = [
    user === null
      ? ['DynamicUser', 'yes', 'a user that exists only while the service runs; it may write only below the next three']
      : ['User', user],
    ...(groups.length === 0
      ? []
      : [['SupplementaryGroups', groups.join(' '), 'files of the spec are for these'] as [string, string, string]]),
    ['RuntimeDirectory', name],
    [
      'StateDirectory',
      name,
      ...(manages ? ['the servers find it in STATE_DIRECTORY: what they have to keep goes there'] : []),
    ] as [string, string, string?],
    ['LogsDirectory', name],
    [
      'CapabilityBoundingSet',
      bind,
      bind === '' ? 'root’s privileges are of no use here' : `to listen on ${lowPorts.join(', ')}`,
    ],
    ...(bind === '' ? [] : [['AmbientCapabilities', bind] as [string, string]]),
    ['ProtectSystem', 'strict'],
    readsHome
      ? ['ProtectHome', 'read-only', 'something that the service needs stands below /home or /root']
      : ['ProtectHome', 'yes'],
    ['UMask', '0027'],
    ...protections,
    ['SystemCallFilter', '@system-service'],
    // Calls of newer programs fail instead of ending the process.
    ['SystemCallErrorNumber', 'EPERM'],
  ];
  return rights.map(([key, value, because = '']) => ({ key, value, because }));
}

/**
 * Without cost for the edge. MemoryDenyWriteExecute is missing: V8 writes programs into memory and runs them.
 * ProcSubset too: it hides /proc/sys.
 */
const protections: readonly [key: string, value: string, because?: string][] = [
  ['NoNewPrivileges', 'yes', 'the edge needs nothing of what follows'],
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['ProtectClock', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectProc', 'invisible'],
  ['LockPersonality', 'yes'],
  ['RemoveIPC', 'yes'],
  ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK', 'netlink tells the addresses of this machine'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
];
