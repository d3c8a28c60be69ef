/**
 * Tries at start, over loopback and against Node's own client, whether TLS over handles does what `tls.ts` says of it.
 */
import type { Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { HandleWire } from '../sockets/handle-wire.ts';
import type { Handle } from './handle.ts';
import { connectTo, missing, newHandle, publicSocket, systemError } from './handles.ts';
import { secured, type TlsGuest, type TlsTerms, tlsMissing } from './tls.ts';
import { selfSigned } from './trial-certificate.ts';
import { expect, floodBytes, outcomeOf, TrialEnd, type Used } from './trial-end.ts';

/**
 * Null when TLS over handles may be used; otherwise why not, as the end of a sentence. `tryHandles` says what may
 * happen to the process.
 */
export async function tryTls(): Promise<string | null> {
  return missing ?? tlsMissing ?? outcomeOf(run);
}

async function run(used: Used): Promise<void> {
  const listener = newHandle('listener');
  used.handles.push(listener);
  expect(listener.bind('127.0.0.1', 0) === 0 && listener.listen(16) === 0, 'a handle does not listen');
  const other = tls.createSecureContext(selfSigned('other.example'));
  const contextsFor = (name: string) => (name === 'other.example' ? [other] : []);
  const terms: TlsTerms = {
    context: tls.createSecureContext({ ...selfSigned('own.example'), minVersion: 'TLSv1.2' }),
    contextsFor,
    asksClients: false,
  };
  const place: Place = { listener, terms, used };

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    await tryEcho(await connected(place, version, 'own.example'), version);
  await tryBackpressure(await connected(place, 'TLSv1.3', 'other.example'));
  await tryPause(await connected(place, 'TLSv1.3', 'own.example'));
  await tryReset(await connected(place, 'TLSv1.3', 'own.example'));
  await tryNonsense(place);
}

interface Place {
  readonly listener: Handle;
  readonly terms: TlsTerms;
  readonly used: Used;
}

interface Pair {
  readonly near: TLSSocket;
  /** What is under it all. */
  readonly under: Handle;
  readonly far: TrialEnd;
}

/** A handshake that is complete on both sides, with the certificate of the name. */
async function connected(place: Place, version: 'TLSv1.2' | 'TLSv1.3', name: string): Promise<Pair> {
  const { raw, under, handle } = await dialled(place);
  let onSecured: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    onSecured = resolve;
  });
  const laid = laidOver(place, handle, { onSecured });
  const versions = { minVersion: version, maxVersion: version };
  const near = tls.connect({ ...versions, socket: raw, servername: name, rejectUnauthorized: false });
  place.used.sockets.push(near);
  await happened(near, 'secureConnect');
  await complete;
  const shown = near.getPeerCertificate().subject.CN;
  expect(near.getProtocol() === version && shown === name, `${name} over ${version} gets another certificate`);
  return { near, under, far: await laid };
}

/** TLS over a handle whose first bytes were read without it, as the edge does it. */
function laidOver({ terms, used }: Place, handle: Handle, guest: TlsGuest | null): Promise<TrialEnd> {
  const plain = new HandleWire(handle);
  used.wires.push(plain);
  return new Promise((resolve) => {
    const onBytes = (first: Buffer) => {
      const secure = secured(plain.surrender().handle, terms);
      secure.guest = guest;
      const far = new TrialEnd(new HandleWire(secure));
      used.wires.push(far.wire);
      far.wire.start(far, null);
      secure.receive(first);
      resolve(far);
    };
    plain.start({ onBytes, onDrain: noop, onEnd: noop, onClosed: noop }, null);
  });
}

interface Dialled {
  /** A public socket over `under`. */
  readonly raw: Socket;
  readonly under: Handle;
  readonly handle: Handle;
}

async function dialled({ listener, used }: Place): Promise<Dialled> {
  const bound = { address: '', port: 0 };
  listener.getsockname(bound);
  const accepted = new Promise<Handle>((resolve, reject) => {
    listener.onconnection = (status, handle) => {
      if (handle === undefined) reject(systemError(status, 'accept'));
      else resolve(handle);
    };
  });
  const under = newHandle('socket');
  const status = await new Promise<number>((resolve) => {
    const begun = connectTo(under, { host: '127.0.0.1', port: bound.port, family: 4 }, resolve);
    if (begun !== 0) resolve(begun);
  });
  expect(status === 0, 'a connect request does not connect');
  const raw = publicSocket(under, { unread: new Uint8Array(0), ended: false });
  used.sockets.push(raw);
  raw.on('error', noop);
  return { raw, under, handle: await accepted };
}

async function tryEcho({ near, far }: Pair, version: string): Promise<void> {
  const said = gathered(near);
  far.onChunk = (chunk) => far.wire.write(chunk);
  near.write('an echo');
  await far.until(() => far.text === 'an echo', `bytes do not arrive over ${version}`);
  near.end();
  await far.until(() => far.ended, `a close_notify does not arrive over ${version}`);
  far.wire.write(Buffer.from(', and last words'));
  far.wire.end();
  await happened(near, 'end');
  expect(said.text === 'an echo, and last words', `TLS that is closed on one side does not carry on over ${version}`);
  await far.until(() => far.over, `finished TLS does not close over ${version}`);
  expect(far.error === null, `an end in order is taken for an error over ${version}`);
}

async function tryBackpressure({ near, far }: Pair): Promise<void> {
  near.pause();
  far.wire.write(Buffer.alloc(floodBytes));
  expect(far.wire.queuedBytes > 0, 'a write over TLS that must wait is said to have left');
  far.wire.write(Buffer.from('y'));
  const said = gathered(near);
  near.resume();
  await far.until(() => far.drained, 'a write over TLS that has left is not told of');
  expect(far.wire.queuedBytes === 0, 'a queue of TLS that is empty has a size');
  far.wire.end();
  near.end();
  await happened(near, 'end');
  expect(said.bytes === floodBytes + 1, 'bytes that had to wait do not arrive over TLS');
}

/** TLS decrypts what it has read to the end, whatever is said meanwhile. */
async function tryPause({ near, far }: Pair): Promise<void> {
  far.onChunk = () => far.wire.pause();
  near.cork();
  near.write('one');
  near.write('two');
  near.uncork();
  near.end(Buffer.alloc(100_000));
  await far.until(() => far.bytes > 0, 'bytes do not arrive over TLS');
  await new Promise((resolve) => setImmediate(resolve));
  expect(far.text === 'one' || far.text === 'onetwo', 'a wire of TLS that is paused reads on');
  far.onChunk = () => undefined;
  far.wire.resume();
  await far.until(() => far.ended && far.bytes === 100_006, 'bytes from before a pause are lost over TLS');
}

async function tryReset({ near, under, far }: Pair): Promise<void> {
  // Once TLS has said all that it has to say by itself: a write of its own would take the reset for itself.
  near.write('here');
  await far.until(() => far.text === 'here', 'bytes do not arrive over TLS');
  // Behind the back of the client, which is told nothing any more.
  under.reset();
  await far.until(() => far.over, 'a reset does not arrive over TLS');
  expect((far.error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET', 'a reset of TLS is not told from an end');
}

async function tryNonsense(place: Place): Promise<void> {
  const { raw, handle } = await dialled(place);
  raw.write('GET / HTTP/1.1\r\n\r\n');
  const far = await laidOver(place, handle, null);
  await far.until(() => far.over, 'TLS takes what is no handshake');
  const code = (far.error as NodeJS.ErrnoException | null)?.code;
  expect(code?.startsWith('ERR_SSL_') === true, 'TLS does not say what is wrong with a handshake');
}

/** What a client is told. */
function gathered(near: TLSSocket): { text: string; bytes: number } {
  const said = { text: '', bytes: 0 };
  near.on('data', (chunk: Buffer) => {
    said.bytes += chunk.length;
    if (said.bytes < 1000) said.text += chunk.toString('latin1');
  });
  return said;
}

function happened(socket: TLSSocket, event: 'secureConnect' | 'end'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', (error) => reject(new Error(`a client of TLS gets an error: ${error.message}`)));
  });
}

function noop(): void {
  // What is under TLS tells of its end there.
}
