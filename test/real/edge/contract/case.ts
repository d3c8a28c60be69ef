/** One case of the contract: a client's part, played once directly and once through the edge. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { createDeflate, type Deflater, type Inflater } from '../../../../src/ws/deflate.ts';
import { type DeflateWishes, offerDeflate, readDeflateAnswer } from '../../../../src/ws/deflate-offer.ts';
import { formatExtensions, parseExtensions } from '../../../../src/ws/extension.ts';
import { dialPeer, type PeerEvent, type RawPeer } from '../../../support/raw-peer.ts';
import type { Seen, Target } from './target.ts';

export interface ContractCase {
  readonly name: string;
  /** Offers permessage-deflate. */
  readonly deflate?: DeflateWishes;
  /** What the client does; the case is over when the connection is. */
  readonly play: (player: Player) => Promise<void> | void;
  /** Where the edge is meant to answer otherwise than the server would. */
  readonly differs?: Difference;
}

export interface Difference {
  readonly why: string;
  /** What the ends see last, without the edge and with it. Absent where it is the same. */
  readonly client?: readonly [direct: string, through: string];
  readonly server?: readonly [direct: string, through: string];
}

export interface Player extends RawPeer {
  readonly deflater: Deflater | null;
}

export interface Outcome {
  readonly client: readonly string[];
  readonly server: Seen;
  readonly extensions: string;
}

/** Nobody takes this long on purpose: a case that does has hung, and its outcome says so. */
const caseMs = 20_000;

export async function outcomeOf(target: Target, port: number, contractCase: ContractCase): Promise<Outcome> {
  const seen = target.next();
  const offer = contractCase.deflate === undefined ? null : offerDeflate(contractCase.deflate);
  let deflater: Deflater | null = null;
  const codecFor = (head: string): { inflater: Inflater | null } => {
    const [answer] = parseExtensions(extensionsIn(head)) ?? [];
    if (answer === undefined || offer === null) return { inflater: null };
    const agreement = readDeflateAnswer([offer], answer);
    if (agreement === null) throw new Error(`the answer does not fit the offer: ${head}`);
    const both = createDeflate({ zlib, agreement, role: 'client', messageBytesMax: 64 * 1024 * 1024 });
    deflater = both.deflater;
    return both;
  };
  const headers = offer === null ? [] : [`Sec-WebSocket-Extensions: ${formatExtensions([offer])}`];
  const { peer, head } = await dialPeer(port, { headers }, codecFor);
  const ended = (async () => {
    await contractCase.play(Object.assign(peer, { deflater }));
    const ending = await peer.ending();
    const client = [...peer.events.map(inWords), ending.startsWith('close') ? 'end' : ending];
    peer.raw.socket.destroy();
    return { client, server: await seen, extensions: extensionsIn(head) };
  })();
  const hung = sleep(caseMs, null, { ref: false }).then(() => ({
    client: [...peer.events.map(inWords), 'hung'],
    server: ['hung'],
    extensions: '',
  }));
  return Promise.race([ended, hung]);
}

function inWords(event: PeerEvent): string {
  if (event.kind === 'close') return `close ${event.code ?? 1005} ${event.reason}`.trimEnd();
  const bytes = Buffer.from(event.data as string & Buffer);
  const shown =
    bytes.length <= 20 ? bytes.toString('hex') : createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return `${event.kind} ${bytes.length} ${shown}`.trimEnd();
}

function extensionsIn(head: string): string {
  return /sec-websocket-extensions: (.*)\r\n/i.exec(head)?.[1] ?? '';
}
