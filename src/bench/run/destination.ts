/** Where a load may go: the name is resolved once, judged, and tried before anything is started. */
import { isLoopbackHost, isOwnNetwork } from '../../base/address.ts';
import { HoldlineError } from '../../base/error.ts';
import { defaultTimeouts } from '../../client/dial/options.ts';
import { readTarget } from '../../client/dial/target.ts';
import { connectTcp, resolveHost } from '../../client/dial/tcp.ts';
import type { BenchScenario } from '../scenario/scenario.ts';

export interface Destination {
  /** The address that answered. All connections go there, so that no later answer of the resolver leads elsewhere. */
  readonly address: string;
  /** In 127.0.0.0/8, all of which is this machine: sources can be taken from it. */
  readonly loopbackV4: boolean;
}

/** Opens one TCP connection to the target and closes it. Throws bench-public-target and bench-target-unreachable. */
export async function findDestination(
  scenario: Pick<BenchScenario, 'url' | 'ownsTarget' | 'sources'>,
  signal: AbortSignal | undefined,
): Promise<Destination> {
  const reading = readTarget(scenario.url);
  if (!reading.ok) throw new HoldlineError('bench-url', reading.detail);
  const { host, port } = reading.target;
  const resolved = await resolveHost(host, { timeoutMs: defaultTimeouts.dnsMs, signal });
  if (!resolved.ok) throw new HoldlineError('bench-target-unreachable', resolved.detail);
  const foreign = resolved.addresses.find((address) => !isOwnNetwork(address));
  if (foreign !== undefined && !scenario.ownsTarget)
    throw new HoldlineError(
      'bench-public-target',
      `${host} is ${foreign === host ? 'a public address' : `at ${foreign}, a public address`}, and a load can take it down`,
    );
  for (const address of resolved.addresses) {
    const limit = { timeoutMs: defaultTimeouts.tcpMs, signal, port, localAddress: scenario.sources[0] };
    const outcome = await connectTcp([address], limit);
    if (!outcome.ok && address !== resolved.addresses.at(-1)) continue;
    if (!outcome.ok) throw new HoldlineError('bench-target-unreachable', outcome.detail);
    outcome.socket.destroy();
    return { address, loopbackV4: address.includes('.') && isLoopbackHost(address) };
  }
  throw new HoldlineError('bench-target-unreachable', `the name ${host} has no address`);
}
