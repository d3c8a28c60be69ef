import { Direction } from './direction.ts';
import type { Half } from './half.ts';
import { Intake } from './intake.ts';

/**
 * A data header, or a control frame: what is never passed on in two parts, so that nothing of a message has gone when
 * it is stopped.
 */
const unitBytesMax = 131;

/**
 * Both ways of a connection on their way to a stop between messages, and stopped. Ends and closed sockets are told as
 * always.
 */
export class Hold {
  readonly #fromClient: Intake;
  readonly #fromServer: Intake;

  constructor(fromClient: Intake, fromServer: Intake, onHeld: () => void) {
    this.#fromClient = fromClient;
    this.#fromServer = fromServer;
    const oneIsHeld = () => {
      if (this.held) onHeld();
    };
    fromServer.hold(oneIsHeld);
    fromClient.hold(oneIsHeld);
  }

  /** Nothing of a message is half carried, either way, and nothing goes on. */
  get held(): boolean {
    return this.#fromClient.held && this.#fromServer.held;
  }

  /** Bytes that were read and not passed on, which whoever reads these sockets next begins with. Once. */
  take(): { readonly client: Buffer; readonly server: Buffer } {
    return { client: this.#fromClient.take(), server: this.#fromServer.take() };
  }

  /** Both go on, as if nothing had been. */
  release(): void {
    this.#fromServer.release();
    this.#fromClient.release();
  }
}

/**
 * Puts intakes in front of two halves that are being carried already. null for message mode, which keeps what only it
 * can read.
 */
export function holdHalves(fromClient: Half, fromServer: Half, keptBytesMax: number, onHeld: () => void): Hold | null {
  if (!(fromClient instanceof Direction && fromServer instanceof Direction)) return null;
  const intakes = [fromClient, fromServer].map((half) => {
    const intake = new Intake({ half, ...half.handOver(), wholeBytesMax: unitBytesMax, keptBytesMax, watch: null });
    half.source.start(intake, null);
    return intake;
  });
  return new Hold(intakes[0]!, intakes[1]!, onHeld);
}
