import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { DeflateState } from '../../ws/deflate.ts';
import type { DeflateAgreement } from '../../ws/deflate-offer.ts';
import type { ScannerState } from '../../ws/scanner.ts';
import type { ConnectionFacts } from '../tunnel/connection-options.ts';
import type { Counters } from '../tunnel/counters.ts';
import type { HalfState } from '../tunnel/half.ts';
import type { HeartbeatMemory } from '../tunnel/heartbeat.ts';
import type { MovableState } from '../tunnel/moving/movable.ts';
import type { RecorderState } from '../tunnel/moving/replay.ts';
import type { UpkeepMemory } from '../tunnel/upkeep.ts';
import type { VolumeMemory } from '../tunnel/volume.ts';
import {
  type Fields,
  isBytes,
  isFlag,
  isNumber,
  isObject,
  isOneOf,
  isText,
  listOf,
  orNull,
  recordOf,
  shape,
  type Versions,
} from './fields.ts';

/** One socket of a connection: what was read of it and not looked at. What was to be written to it has left. */
export interface SocketState {
  readonly unread: Uint8Array;
}

/**
 * All that one worker knows of a connection and another one needs to go on with it. Clocks do not travel: times are
 * distances from now.
 */
export interface ConnectionState extends Counters {
  readonly facts: ConnectionFacts;
  readonly route: string;
  /** The route itself, when it is on no plan any more and lives on in its connections. */
  readonly routeSpec: RouteSpec | null;
  /** The largest message of each side as it was when the connection opened. */
  readonly messageBytesMax: number;
  readonly strict: boolean;
  /** Since the last data frame, milliseconds. */
  readonly silentMs: number;
  readonly upkeep: UpkeepMemory;
  readonly fromClient: HalfState;
  readonly fromServer: HalfState;
  readonly client: SocketState;
  readonly server: SocketState;
  /** Its messages go through the hooks. */
  readonly messageMode: boolean;
  /** In message mode, where compression was agreed on. */
  readonly deflate: DeflateState | null;
  /** On a route whose clients may get another server. */
  readonly move: MovableState | null;
}

/** The state that this version writes, and the oldest that it reads: that of the version before. */
export const stateVersions: Versions = { oldest: 1, newest: 1 };

const isScanner = shape<ScannerState>({
  payloadLeft: isNumber,
  messageBytes: isNumber,
  inMessage: isFlag,
  frameIsFinal: isFlag,
  held: isBytes,
});
const isHalf = shape<HalfState>({
  scanner: orNull(isScanner),
  waiting: listOf(shape({ bytes: isBytes, at: isOneOf('frame', 'message') })),
});
const isHeartbeat = shape<HeartbeatMemory>({
  mark: isNumber,
  sequence: isNumber,
  dueInMs: isNumber,
  awaiting: isFlag,
  sentAgoMs: orNull(isNumber),
  forgiven: isFlag,
  rttMs: orNull(isNumber),
  burst: shape({ bytes: isNumber, agoMs: isNumber, sincePingBytes: isNumber }),
});
const isVolume = shape<VolumeMemory>({
  messages: isNumber,
  bytes: isNumber,
  agoMs: isNumber,
  overSinceAgoMs: orNull(isNumber),
  resumeInMs: orNull(isNumber),
});
const isUpkeep = shape<UpkeepMemory>({
  ageMs: isNumber,
  endsInMs: orNull(isNumber),
  heartbeats: shape({ client: orNull(isHeartbeat), server: orNull(isHeartbeat) }),
  volume: orNull(isVolume),
});
const isFacts = shape<ConnectionFacts>({
  id: isText,
  openedAtMs: isNumber,
  clientAddress: isText,
  clientPort: isNumber,
  peerAddress: isText,
  tls: isFlag,
  upstream: isText,
  server: isText,
  host: isText,
  path: isText,
  origin: orNull(isText),
  userAgent: orNull(isText),
  subprotocol: orNull(isText),
  compressed: isFlag,
  tags: recordOf(isText),
});
const isAgreement = shape<DeflateAgreement>({
  serverNoContextTakeover: isFlag,
  clientNoContextTakeover: isFlag,
  serverMaxWindowBits: isNumber,
  clientMaxWindowBits: isNumber,
});
const isDeflate = shape<DeflateState>({ agreement: isAgreement, deflated: isBytes, inflated: isBytes });
const isSocket = shape<SocketState>({ unread: isBytes });
const isRemembered = shape<MovableState['remembered']>({
  head: isBytes,
  expected: (value): value is MovableState['remembered']['expected'] => isObject(value) && isText(value.key),
  agreed: (value): value is MovableState['remembered']['agreed'] => isObject(value) && Array.isArray(value.extensions),
  asker: (value): value is MovableState['remembered']['asker'] => isObject(value) && isObject(value.client),
  route: isText,
  upstream: orNull(isText),
});
const isRecorder = shape<RecorderState>({
  rules: shape({ messages: orNull(isNumber), until: orNull(isText), bytesMax: isNumber }),
  agreement: orNull(isAgreement),
  bytes: isBytes,
  messages: isNumber,
  recording: isFlag,
  reading: isFlag,
  tooMuch: isFlag,
});
const isMove = shape<MovableState>({ remembered: isRemembered, recorder: orNull(isRecorder) });
/** A route of a plan: the supervisor's own words, which it has checked. */
const isRoute = (value: unknown): value is RouteSpec => isObject(value) && isText(value.name) && isObject(value.limits);

/**
 * The whole state, field by field. A field that is added gets the next version in `since`, and `absent` for states that
 * come without it.
 */
export const stateFields: Fields<ConnectionState> = {
  facts: { since: 1, is: isFacts },
  route: { since: 1, is: isText },
  routeSpec: { since: 1, is: orNull(isRoute) },
  messageBytesMax: { since: 1, is: isNumber },
  strict: { since: 1, is: isFlag },
  clientBytes: { since: 1, is: isNumber },
  clientMessages: { since: 1, is: isNumber },
  serverBytes: { since: 1, is: isNumber },
  serverMessages: { since: 1, is: isNumber },
  silentMs: { since: 1, is: isNumber },
  upkeep: { since: 1, is: isUpkeep },
  fromClient: { since: 1, is: isHalf },
  fromServer: { since: 1, is: isHalf },
  client: { since: 1, is: isSocket },
  server: { since: 1, is: isSocket },
  messageMode: { since: 1, is: isFlag },
  deflate: { since: 1, is: orNull(isDeflate) },
  move: { since: 1, is: orNull(isMove) },
};
