import { constants, deflateRawSync } from 'node:zlib';
import { endText, lineEventText, openLine, type ProbeLine, sameBytes, waitFor } from '../line.ts';
import { rawFrame } from '../raw-frame.ts';
import { type Check, type CheckContext, type CheckFinding, fail, onLine, pass, skip, warn } from './check.ts';

/** Text as applications send it: the same names in every row, other numbers. */
const sample = Buffer.from(
  JSON.stringify(
    Array.from({ length: 120 }, (_, i) => ({ id: i, user: `user-${i * 7919}`, text: 'a line of chat', at: 1e9 + i })),
  ),
);

export const compressionChecks: readonly Check[] = [
  {
    id: 'compression-used',
    group: 'compression',
    title: 'Compression that was agreed on is used',
    why: 'An extension that is agreed on and not used costs memory on both sides and saves nothing.',
    run: (context) =>
      withDeflate(context, async (line) => {
        line.connection.send(sample.toString(), { compress: true });
        const event = await waitFor(line, (each) => each.kind === 'text' || each.kind === 'binary', context.timeoutMs);
        if (event.kind !== 'text' || !sameBytes(event.data, sample))
          return fail(
            `a compressed message came back wrong: ${lineEventText(event)}`,
            'inflate messages with RSV1 set (RFC 7692, 7.2.2)',
          );
        const share = Math.round((100 * event.wireBytes) / sample.length);
        if (!event.compressed)
          return warn(
            `${sample.length} bytes of JSON came back without RSV1, ${event.wireBytes} bytes on the wire`,
            'compress messages above a kilobyte, or do not agree on the extension',
          );
        return pass(`RSV1 is set; ${sample.length} bytes came as ${event.wireBytes} (${share} %)`);
      }),
  },
  {
    id: 'compression-context',
    group: 'compression',
    title: 'Context takeover as agreed',
    why: 'With context takeover repeated messages shrink to almost nothing, and every connection keeps a window in memory.',
    run: (context) =>
      withDeflate(context, async (line) => {
        const sizes: number[] = [];
        for (let i = 0; i < 3; i++) {
          line.connection.send(sample.toString(), { compress: true });
          const event = await waitFor(
            line,
            (each) => each.kind === 'text' || each.kind === 'binary',
            context.timeoutMs,
          );
          if (event.kind !== 'text' || !sameBytes(event.data, sample))
            return fail(
              `message ${i + 1} of three equal ones came back wrong: ${lineEventText(event)}`,
              'keep the window between messages as the handshake says (RFC 7692, 7.1.1)',
            );
          if (!event.compressed) return skip('the server does not compress its answers');
          sizes.push(event.wireBytes);
        }
        const agreed = context.endpoint.deflate!.serverNoContextTakeover ? 'no context takeover' : 'context takeover';
        const shrank = sizes[2]! < sizes[0]! / 2;
        return pass(
          `agreed: ${agreed}; three equal messages came as ${sizes.join(', ')} bytes${shrank ? '' : ' (the window is not used)'}`,
        );
      }),
  },
  {
    id: 'compression-bomb',
    group: 'compression',
    adversarial: true,
    alone: true,
    title: 'A compressed bomb is refused',
    why: 'Deflate turns one byte into a thousand: a limit on what arrives does not limit what it becomes.',
    run: async (context) => {
      const { deflate } = context.endpoint;
      if (deflate === null) return skip('compression was not agreed on');
      const found = await onLine(context, (line) => bomb(line, context));
      const again = await openLine(context.url, context.dial);
      if (!again.ok)
        return fail(`afterwards the server accepts no more connections: ${again.failure.detail}`, bombRemedy);
      again.line.connection.cut();
      return found;
    },
  },
];

/** 32 MiB of zeros become 32 KiB: above the limit of any chat, below what harms a server that has no limit. */
const bombBytes = 32 * 1024 * 1024;

const bombRemedy = 'limit the size of messages after inflating, and close with 1009 as soon as it is passed';

async function bomb(line: ProbeLine, context: CheckContext): Promise<CheckFinding> {
  const zeros = deflateRawSync(Buffer.alloc(bombBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  const payload = zeros.subarray(0, zeros.length - 4);
  // In one write: a second one could fail on a connection that was ended after the first, and take with it what came.
  line.connection.write(Buffer.concat([rawFrame({ opcode: 2, rsv: 4, payload }), rawFrame({ opcode: 9 })]));
  const event = await waitFor(line, (each) => each.kind === 'pong' || each.kind === 'binary', context.timeoutMs);
  const shown = `${Math.round(payload.length / 1024)} KiB that inflate to ${bombBytes / 1024 / 1024} MiB`;
  if (event.kind === 'end') {
    const { received, violation } = event.end;
    // Our own limit speaks: the server inflated all of it and began to send it back.
    if (violation === 'message-too-big') return warn(`${shown} were inflated and sent back`, bombRemedy);
    return received === null
      ? pass(`${shown}: ${endText(event.end)}`)
      : pass(`${shown}: refused, ${endText(event.end)}`);
  }
  if (event.kind === 'silence') return warn(`${shown}: no answer in ${context.timeoutMs} ms`, bombRemedy);
  return warn(`${shown} were taken without complaint`, bombRemedy);
}

function withDeflate(context: CheckContext, use: (line: ProbeLine) => Promise<CheckFinding>): Promise<CheckFinding> {
  if (context.dial.deflate == null) return Promise.resolve(skip('compression was not offered, as asked'));
  if (context.endpoint.deflate === null) return Promise.resolve(skip('the server did not agree on compression'));
  if (context.endpoint.echoes !== true) return Promise.resolve(skip('the server does not echo'));
  return onLine(context, use);
}
