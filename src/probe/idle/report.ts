/** What the search for the idle timeout reports. */
import type { Death } from './death.ts';
import type { HopGuess } from './hops.ts';

export interface IdleReport {
  /** How long was watched at most, and how long it took. */
  readonly maxMs: number;
  readonly tookMs: number;
  /**
   * `idle`: quiet connections are cut. `lifetime`: busy ones are cut as well, at the same age. `heartbeat`: the server
   * cuts who does not answer its pings. `none`: nothing was cut within maxMs. `unclear`: connections ended at once, or
   * none could be opened.
   */
  readonly kind: 'idle' | 'lifetime' | 'heartbeat' | 'none' | 'unclear';
  /** After how much silence; the middle of the samples. Null when nothing was cut. */
  readonly timeoutMs: number | null;
  /** What every quiet connection showed; for a black hole, the silences between which it lies. */
  readonly samplesMs: readonly number[];
  readonly death: Death | null;
  /**
   * Whose silence kills. `both`: either side’s frames keep it open, as far as could be tried. Null when nothing was
   * cut.
   */
  readonly silence: 'client' | 'server' | 'both' | null;
  /** What keeps it open: true, false, or null when it could not be tried. */
  readonly keptOpenBy: {
    /** Pings of the client, with the pongs that answer them. */
    readonly pings: boolean | null;
    /** Frames of the client alone: pongs that nobody asked for. */
    readonly clientFrames: boolean | null;
    /** Frames of the server alone, with a client that is silent. */
    readonly serverFrames: boolean | null;
    /** Messages, with their echo. */
    readonly messages: boolean | null;
  };
  /** What the server said of its own accord to a quiet client. */
  readonly serverSpeaks: { readonly pings: number; readonly messages: number; readonly everyMs: number | null };
  /** Which hop it probably is, why, and the setting to raise there (null when it has no known name). */
  readonly guess: HopGuess | null;
  /** All of it in sentences. */
  readonly finding: string;
  readonly remedy: string | null;
  readonly lanes: readonly LaneReport[];
}

export type LaneKind = 'mute' | 'answering' | 'pongs' | 'pings' | 'messages' | 'ladder';

export interface LaneReport {
  readonly kind: LaneKind;
  /** Age at its end, or at the end of the search. */
  readonly ageMs: number;
  readonly death: Death | null;
}

export interface IdleProgress {
  readonly elapsedMs: number;
  readonly maxMs: number;
  readonly open: number;
  readonly opened: number;
  /** What is being waited for. */
  readonly waitingFor: string;
}
