/** An echo of the test's own, right unless it is told to be wrong in one way. */
import type { Socket } from 'node:net';
import { Decoder, type DecoderEvent } from '../../src/ws/decoder.ts';
import { encodeClose, encodeFrame } from '../../src/ws/frame.ts';
import { opcodes } from '../../src/ws/opcode.ts';
import { violations } from '../../src/ws/violation.ts';
import { rawEndpoint, upgrade } from './endpoints.ts';

export interface Faults {
  /** Upgrades to whatever is asked for. */
  readonly anyUpgrade?: boolean;
  /** Takes frames that are not masked. */
  readonly takesUnmasked?: boolean;
  /** Takes every fragment for a message. */
  readonly splitsFragments?: boolean;
  /** Answers every close frame with 1000, however wrong it is. */
  readonly closesBlindly?: boolean;
  readonly neverPongs?: boolean;
  /** Answers no close frame, and leaves the connection open. */
  readonly neverCloses?: boolean;
}

/** The port. */
export function brokenEcho(faults: Faults): Promise<number> {
  return rawEndpoint((socket) => {
    const named = (head: string) =>
      faults.anyUpgrade ? (/^Upgrade: *(.*)$/im.exec(head)?.[1]?.trim() ?? '') : 'websocket';
    upgrade(
      socket,
      (rest) => {
        const serve =
          faults.takesUnmasked || faults.splitsFragments || faults.closesBlindly
            ? byFrame(socket, faults)
            : byMessage(socket, faults);
        socket.on('data', serve);
        if (rest.length > 0) serve(rest);
      },
      named,
    );
  });
}

function byMessage(socket: Socket, faults: Faults): (chunk: Buffer) => void {
  const decoder = new Decoder({ from: 'client', messageBytesMax: 4 * 1024 * 1024, inflater: null });
  const onEvent = (event: DecoderEvent) => answer(socket, event, faults);
  return (chunk) => fail(socket, decoder, chunk, onEvent);
}

function fail(socket: Socket, decoder: Decoder, chunk: Buffer, onEvent: (event: DecoderEvent) => void): void {
  if (decoder.violation !== null) return;
  const violation = decoder.push(chunk, onEvent);
  if (violation !== null && !decoder.closed) socket.end(encodeClose({ code: violations[violation].code, mask: null }));
}

function answer(socket: Socket, event: DecoderEvent, faults: Faults): void {
  if (event.kind === 'text' || event.kind === 'binary')
    socket.write(encodeFrame({ opcode: opcodes[event.kind], mask: null, payload: event.data }));
  if (event.kind === 'ping' && !faults.neverPongs)
    socket.write(encodeFrame({ opcode: opcodes.pong, mask: null, payload: event.data }));
  if (event.kind === 'close' && !faults.neverCloses) socket.end(encodeClose({ code: event.code, mask: null }));
}

/** Takes frames apart first, bends those that the fault is about, and hands the rest to a decoder that is right. */
function byFrame(socket: Socket, faults: Faults): (chunk: Buffer) => void {
  const decoder = new Decoder({ from: 'client', messageBytesMax: 4 * 1024 * 1024, inflater: null });
  const onEvent = (event: DecoderEvent) => answer(socket, event, faults);
  let bytes = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const length = frameLength(bytes);
      // What is not whole is for the decoder to judge at once, unless it may become what the fault is about.
      if (length === null || bytes.length < length) break;
      const frame = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      const bent = bend(Buffer.from(frame), faults);
      if (bent === null) socket.end(encodeClose({ code: 1000, mask: null }));
      else fail(socket, decoder, bent, onEvent);
    }
    if (bytes.length > 0 && (impossible(bytes) || bytes.length > 8 * 1024 * 1024))
      fail(socket, decoder, bytes, onEvent);
  };
}

/** Null for what ends the connection with 1000. */
function bend(frame: Buffer, faults: Faults): Buffer | null {
  const opcode = frame[0]! & 0x0f;
  if (
    faults.closesBlindly &&
    opcode === opcodes.close &&
    (frame[0]! & 0xf0) === 0x80 &&
    (frame[1]! & 0x7f) <= 125 &&
    frame[1]! >= 0x80
  )
    return null;
  if (faults.splitsFragments && opcode <= 2 && (frame[0]! & 0x70) === 0) {
    frame[0] = 0x80 | (opcode === 0 ? 1 : opcode);
    return frame;
  }
  if (faults.takesUnmasked && frame[1]! < 0x80) {
    const at = headLength(frame);
    return Buffer.concat([
      frame.subarray(0, 1),
      Buffer.from([frame[1]! | 0x80]),
      frame.subarray(2, at),
      Buffer.alloc(4),
      frame.subarray(at),
    ]);
  }
  return frame;
}

function headLength(bytes: Buffer): number {
  const short = bytes[1]! & 0x7f;
  return (short < 126 ? 2 : short === 126 ? 4 : 10) + (bytes[1]! >= 0x80 ? 4 : 0);
}

function frameLength(bytes: Buffer): number | null {
  if (bytes.length < 2 || bytes.length < headLength(bytes)) return null;
  const short = bytes[1]! & 0x7f;
  const payload = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return headLength(bytes) + payload;
}

/** A length that nobody will ever send. */
function impossible(bytes: Buffer): boolean {
  const length = frameLength(bytes);
  return length !== null && length > 8 * 1024 * 1024;
}
