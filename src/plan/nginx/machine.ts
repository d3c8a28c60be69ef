/**
 * The host that nginx is planned for. Facts are read by the caller (cli/host-facts.ts) or given; the rest is assumed.
 */

export interface MachineFacts {
  /** Processors that nginx may use: those online, cut to the control group's quota. May be a fraction under a quota. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The control group's limit; null for none. */
  readonly memoryLimitBytes: number | null;
  /** RLIMIT_NOFILE of a process. */
  readonly descriptorsSoft: number;
  readonly descriptorsHard: number;
  /** fs.nr_open: no process can be allowed more. */
  readonly descriptorsCeiling: number;
  /** net.ipv4.ip_local_port_range, both ends included. */
  readonly portFirst: number;
  readonly portLast: number;
  readonly somaxconn: number;
  /** Third value of net.ipv4.tcp_rmem and tcp_wmem. */
  readonly receiveBytesMax: number;
  readonly sendBytesMax: number;
  /** Fields that nobody read or gave. */
  readonly assumed: readonly MachineField[];
}

export type MachineField = Exclude<keyof MachineFacts, 'assumed'>;

/** What people call them, where it is told which of them nobody said. */
export const machineWords: Readonly<Record<MachineField, string>> = {
  cores: 'processors',
  memoryBytes: 'memory (bytes)',
  memoryLimitBytes: 'the control group’s limit of memory (bytes)',
  descriptorsSoft: 'descriptors of a process',
  descriptorsHard: 'descriptors a service may ask for',
  descriptorsCeiling: 'descriptors the kernel allows (fs.nr_open)',
  portFirst: 'the first port for connections to servers',
  portLast: 'the last one',
  somaxconn: 'the longest queue of new connections (net.core.somaxconn)',
  receiveBytesMax: 'the largest receive buffer (bytes)',
  sendBytesMax: 'the largest send buffer (bytes)',
};

interface Assumption<Value> {
  readonly value: Value;
  readonly because: string;
}

/** What a Linux host has when nobody has touched it. */
export const machineDefaults = {
  cores: { value: 1, because: 'the smallest host' },
  memoryBytes: { value: 1024 ** 3, because: 'the smallest host that is commonly sold' },
  memoryLimitBytes: { value: null, because: 'no control group limits it' },
  descriptorsSoft: { value: 1024, because: 'the kernel’s default (INR_OPEN_CUR)' },
  descriptorsHard: { value: 524_288, because: 'what systemd allows its services (DefaultLimitNOFILE)' },
  descriptorsCeiling: { value: 1_048_576, because: 'the kernel’s default of fs.nr_open' },
  portFirst: { value: 32_768, because: 'the kernel’s default of net.ipv4.ip_local_port_range' },
  portLast: { value: 60_999, because: 'the kernel’s default of net.ipv4.ip_local_port_range' },
  somaxconn: { value: 4096, because: 'the default since Linux 5.4' },
  receiveBytesMax: {
    value: 6_291_456,
    because: 'the kernel’s default of net.ipv4.tcp_rmem on hosts with memory enough',
  },
  sendBytesMax: { value: 4_194_304, because: 'the kernel’s default of net.ipv4.tcp_wmem on hosts with memory enough' },
} as const satisfies { readonly [Field in MachineField]: Assumption<MachineFacts[Field]> };

export function completeMachine(known: Partial<Omit<MachineFacts, 'assumed'>>): MachineFacts {
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const fields = Object.keys(machineDefaults) as MachineField[];
  const defaults = Object.fromEntries(fields.map((field) => [field, machineDefaults[field].value]));
  return {
    ...defaults,
    ...given,
    assumed: fields.filter((field) => !(field in given)),
  } as unknown as MachineFacts;
}

/** Memory that may be planned with before the reserve: the smaller of the machine's and the control group's. */
export function memoryCapBytes(machine: MachineFacts): number {
  return Math.min(machine.memoryBytes, machine.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
}

export function portRange(machine: MachineFacts): number {
  return machine.portLast - machine.portFirst + 1;
}

/** The ends of what the settings can be raised to. */
export const descriptorsCeilingMax = 2_147_483_584;
export const portsWide = { first: 10_240, last: 65_535 } as const;
