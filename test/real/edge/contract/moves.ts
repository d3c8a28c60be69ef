/** What the cases are made of: frames as a client sends them, and what is expected of wrong ones. */
import { applyMask } from '../../../../src/ws/mask.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';
import { type Violation, violations } from '../../../../src/ws/violation.ts';
import { hex } from '../../../ws/chunking.ts';
import type { ContractCase, Player } from './case.ts';

export function patterned(bytes: number): Buffer {
  const data = Buffer.allocUnsafe(bytes);
  for (let i = 0; i < bytes; i++) data[i] = 0x61 + ((i * 7 + (i >> 9)) % 26);
  return data;
}

/** Closes once as many echoes (or pongs) have come as the case sent. */
export async function echoed(player: Player, kind: 'text' | 'binary' | 'pong', count = 1): Promise<void> {
  await player.next(kind, count);
  player.close(1000);
}

export function inPieces(
  player: Player,
  kind: 'text' | 'binary',
  pieces: readonly Uint8Array[],
  between?: Uint8Array,
): void {
  for (const [index, piece] of pieces.entries()) {
    player.frame(index === 0 ? opcodes[kind] : opcodes.continuation, piece, { fin: index === pieces.length - 1 });
    if (between !== undefined) player.write(between);
  }
}

export function codeBytes(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

/** What both refuse with the same code; the edge adds a sentence, and tells the server that its client went wrong. */
export function refused(name: string, violation: Violation, play: ContractCase['play'], code?: number): ContractCase {
  const { code: ours, sentence } = violations[violation];
  return {
    name: `refused: ${name}`,
    play,
    differs: {
      why:
        code === undefined
          ? 'the edge says what was wrong'
          : 'the edge refuses what the server would not, or with another code',
      client: [`close ${code ?? ours}`, `close ${ours} ${sentence}`],
      server: ['close 1006', `close 1001 ${sentence}`],
    },
  };
}

export function bytes(frame: string): ContractCase['play'] {
  return (player) => player.write(masked(hex(frame)));
}

/** The frame with a mask bit, a mask, and its payload masked. */
export function masked(frame: Uint8Array): Uint8Array {
  const short = frame[1]! & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  const [head, payload] = [frame.slice(0, at), frame.slice(at)];
  head[1]! |= 0x80;
  const mask = Uint8Array.of(9, 8, 7, 6);
  applyMask(payload, mask);
  return Buffer.concat([head, mask, payload]);
}
