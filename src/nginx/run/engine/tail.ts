/** Follows a log of nginx: what came since the last look, line by line. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { beginAnew, logSize } from './prefix.ts';

/** Of one look, so that a flood of lines does not hold up the supervisor; the rest is read at the next. */
const lookBytesMax = 2_097_152;
const pieceBytes = 262_144;
/**
 * A log larger than this is set aside and begun anew; two of them are kept at most. 64 MB are some 80,000 connections.
 */
const logBytesMax = 67_108_864;
/** Workers that reopen their logs do so within milliseconds, and a busy machine takes longer. */
const settledMs = 2000;

export class LogTail {
  readonly #file: string;
  #descriptor: number;
  #at: number;
  #rest = Buffer.alloc(0);
  /** When the file that is read was set aside; null while it is the one that is written. */
  #asideMs: number | null = null;

  /** `from`: `start` reads what is there already. */
  constructor(file: string, from: 'start' | 'end') {
    this.#file = file;
    this.#descriptor = openSync(file, 'r');
    this.#at = from === 'end' ? fstatSync(this.#descriptor).size : 0;
  }

  /** Whole lines that have come. */
  read(): string[] {
    const lines: string[] = [];
    for (let taken = 0; taken < lookBytesMax; ) {
      const piece = Buffer.alloc(pieceBytes);
      const count = readSync(this.#descriptor, piece, 0, pieceBytes, this.#at);
      if (count === 0) break;
      this.#at += count;
      taken += count;
      const text = Buffer.concat([this.#rest, piece.subarray(0, count)]);
      const end = text.lastIndexOf(10) + 1;
      if (end > 0)
        lines.push(
          ...text
            .subarray(0, end - 1)
            .toString('utf8')
            .split('\n'),
        );
      // A line longer than a piece is none that nginx wrote.
      this.#rest = end === 0 && text.length > pieceBytes ? Buffer.alloc(0) : Buffer.from(text.subarray(end));
    }
    return lines;
  }

  /**
   * Sets the file aside where it has grown too large; `reopen` makes nginx write to the new one. The workers do so each
   * in its time, so the old file is read until nothing has come for a while.
   */
  rotate(reopen: () => void, nowMs: number): void {
    if (this.#asideMs === null) {
      if (logSize(this.#file) <= logBytesMax) return;
      beginAnew(this.#file);
      reopen();
      this.#asideMs = nowMs;
      return;
    }
    if (nowMs - this.#asideMs < settledMs || this.#at < fstatSync(this.#descriptor).size) return;
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file, 'r');
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
    this.#asideMs = null;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
