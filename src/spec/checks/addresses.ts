import { isLoopbackHost, unixPeer } from '../../base/address.ts';
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { finding, type Locate, type SpecPath } from '../finding.ts';
import type { AddressSpec, Spec } from '../model.ts';
import { formatHostPort } from '../value/address.ts';

/** Addresses that collide with each other, and a control API that strangers could reach. */
export function checkAddresses(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const found: Diagnostic<Code>[] = [];
  const takenByPort = new Map<number, { address: AddressSpec; path: SpecPath }[]>();
  // The control API comes first: it may stand nowhere in the file, and then the listener is what can be pointed at.
  const places = [
    { address: spec.control.address, path: ['control', 'address'] as SpecPath },
    ...spec.listen.map((listen, index) => ({
      address: listen.address,
      path: ['listen', index, 'address'] as SpecPath,
    })),
  ];
  for (const place of places) {
    const taken = takenByPort.get(place.address.port) ?? [];
    takenByPort.set(place.address.port, taken);
    const other = taken.find(({ address }) => collide(address, place.address));
    taken.push(place);
    if (other === undefined) continue;
    const address = formatHostPort(place.address);
    const message =
      other.path[0] === 'control'
        ? `${address} and the control API on ${formatHostPort(other.address)} cannot both be listened on`
        : formatHostPort(other.address) === address
          ? `${address} is listened on twice`
          : `${address} and ${formatHostPort(other.address)} cannot both be listened on: one is part of the other`;
    found.push(
      finding('spec-duplicate-listen', message, {
        where: locate(place.path, 'value'),
        ...(other.path[0] === 'control'
          ? {}
          : { related: [{ message: 'the other one', where: locate(other.path, 'value') }] }),
      }),
    );
  }
  found.push(...checkUnixPeers(spec, locate));
  if (!isLoopbackHost(spec.control.address.host) && spec.control.token === null)
    found.push(
      finding('spec-control-exposed', `the control API on ${formatHostPort(spec.control.address)} has no token`, {
        where: locate(['control', 'address'], 'value'),
        why: 'Whoever reaches it can list, close and write into every connection.',
      }),
    );
  return found;
}

/** Port 0 is another port each time. A wildcard address takes the port on every address of its family. */
function collide(a: AddressSpec, b: AddressSpec): boolean {
  if (a.unix !== undefined || b.unix !== undefined) return a.unix?.path === b.unix?.path;
  if (a.port === 0 || a.port !== b.port) return false;
  if (a.host === b.host) return true;
  return covers(a.host, b.host) || covers(b.host, a.host);
}

function covers(wildcard: string, host: string): boolean {
  if (wildcard === '0.0.0.0') return !host.includes(':');
  return wildcard === '::' && host.includes(':');
}

/**
 * Whoever comes by a Unix socket has no address. What stands in front says whose requests it passes on, if it is
 * believed.
 */
function checkUnixPeers(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  if (spec.trustedProxies.includes(unixPeer)) return [];
  const index = spec.listen.findIndex(({ address }) => address.unix !== undefined);
  if (index === -1) return [];
  return [
    finding(
      'spec-unix-untrusted',
      `listen[${index}] is a Unix socket, and trustedProxies has no "${unixPeer}": all who come by it count as one client`,
      { where: locate(['listen', index, 'address'], 'value') },
    ),
  ];
}
