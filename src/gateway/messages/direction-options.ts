import type { Deflater, Inflater } from '../../ws/deflate.ts';
import type { ScanRules } from '../../ws/scanner.ts';
import type { HalfOwner } from '../tunnel/half.ts';
import type { Wire } from '../tunnel/wire.ts';
import type { MessageStore } from './store.ts';
import type { AskAboutMessage } from './treatment.ts';
import type { Turns } from './turns.ts';

export interface MessageDirectionOptions {
  readonly owner: HalfOwner;
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  readonly rules: ScanRules;
  /** Above this many bytes waiting for the hook and the target, the source is not read. */
  readonly bufferBytesMax: number;
  readonly ask: AskAboutMessage;
  /** The worker's: what all its connections share. */
  readonly turns: Turns;
  readonly store: MessageStore;
  /** For what the source compresses; null when it may not. */
  readonly inflater: Inflater | null;
  /** For what the target gets compressed; null for nothing. */
  readonly deflater: Deflater | null;
}
