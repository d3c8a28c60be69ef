import { randomBytes } from 'node:crypto';
import { lineEventText, type ProbeLine, sameBytes, waitFor } from '../line.ts';
import { rawFrame } from '../raw-frame.ts';
import { type Check, type CheckContext, type CheckFinding, fail, onLine, pass, skip, warn } from './check.ts';

const noEcho = 'the server does not echo, and other people’s data is not played with';

export const messageChecks: readonly Check[] = [
  {
    id: 'message-fragments',
    group: 'messages',
    title: 'A message in fragments, with a ping between them',
    why: 'Browsers and proxies may cut messages into frames at any place, and control frames may come between.',
    run: (context) =>
      echoCheck(context, async (line) => {
        const text = Buffer.from('fragmented: ä€𝄞');
        // Cut inside characters, because fragments need not end where characters do.
        const cuts = [text.subarray(0, 13), text.subarray(13, 16), text.subarray(16)];
        line.connection.write(rawFrame({ opcode: 1, fin: false, payload: cuts[0]! }));
        line.connection.write(rawFrame({ opcode: 0, fin: false, payload: cuts[1]! }));
        line.connection.write(rawFrame({ opcode: 9, payload: Buffer.from('between') }));
        line.connection.write(rawFrame({ opcode: 0, payload: cuts[2]! }));
        let pong = false;
        const event = await waitFor(
          line,
          (each) => {
            pong ||= each.kind === 'pong';
            return each.kind === 'text' || each.kind === 'binary';
          },
          context.timeoutMs,
        );
        const remedy = 'put fragments together, and answer control frames between them (RFC 6455, 5.4)';
        if (event.kind !== 'text' || !sameBytes(event.data, text))
          return fail(`instead of the echo: ${lineEventText(event)}`, remedy);
        return pong
          ? pass('put together again, and the ping between answered')
          : warn('put together again, but the ping between was not answered in time', remedy);
      }),
  },
  sized('message-64k', 65_536, '64 KiB'),
  sized('message-1m', 1_048_576, '1 MiB'),
];

/** Random letters: nothing on the way can make much less of them. Text, because some servers know nothing else. */
function sized(id: string, bytes: number, shown: string): Check {
  return {
    id,
    group: 'messages',
    title: `A message of ${shown}`,
    why: 'Limits differ at every hop; a message over the limit should be refused with 1009 and not with a dead line.',
    run: (context) =>
      echoCheck(context, async (line) => {
        const data = Buffer.from(randomBytes((bytes * 3) / 4).toString('base64'));
        const startedMs = performance.now();
        line.connection.send(data, { kind: 'text', compress: false });
        const event = await waitFor(line, (each) => each.kind === 'binary' || each.kind === 'text', context.timeoutMs);
        const tookMs = performance.now() - startedMs;
        if (event.kind === 'text' && sameBytes(event.data, data)) return pass(`echoed in ${tookMs.toFixed(1)} ms`);
        if (event.kind === 'end' && event.end.received?.code === 1009)
          return pass(
            `refused with 1009${event.end.received.reason === '' ? '' : ` “${event.end.received.reason}”`}: the limit is below ${shown}`,
          );
        const remedy = 'raise the limit, or refuse with 1009 (RFC 6455, 7.4.1)';
        if (event.kind === 'text' || event.kind === 'binary')
          return fail(
            `the echo differs from what was sent: ${lineEventText(event)}`,
            'look for what changes messages on the way',
          );
        return fail(`instead of the echo: ${lineEventText(event)}`, remedy);
      }),
  };
}

function echoCheck(context: CheckContext, use: (line: ProbeLine) => Promise<CheckFinding>): Promise<CheckFinding> {
  return context.endpoint.echoes === true ? onLine(context, use) : Promise.resolve(skip(noEcho));
}
