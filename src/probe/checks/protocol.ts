import { closePayload } from '../../ws/frame.ts';
import { endText, lineEventText, waitFor, withLine } from '../line.ts';
import { type RawFrame, rawFrame } from '../raw-frame.ts';
import { type Check, type CheckContext, fail, pass, warn } from './check.ts';

interface Breach {
  readonly name: string;
  readonly frame: RawFrame;
  readonly code: 1002 | 1007;
}

const breaches: readonly Breach[] = [
  { name: 'a frame without a mask', frame: { opcode: 1, payload: Buffer.from('bare'), mask: null }, code: 1002 },
  { name: 'a reserved bit', frame: { opcode: 1, rsv: 2, payload: Buffer.from('bit') }, code: 1002 },
  { name: 'a reserved opcode', frame: { opcode: 3, payload: Buffer.from('three') }, code: 1002 },
  { name: 'a ping of 126 bytes', frame: { opcode: 9, payload: Buffer.alloc(126) }, code: 1002 },
  { name: 'a continuation of nothing', frame: { opcode: 0, payload: Buffer.from('more') }, code: 1002 },
  { name: 'text that is no UTF-8', frame: { opcode: 1, payload: Buffer.from([0xc3, 0x28]) }, code: 1007 },
];

export const protocolChecks: readonly Check[] = [
  {
    id: 'protocol-errors',
    group: 'protocol',
    adversarial: true,
    title: 'Protocol errors end the connection with the right code',
    why: 'A server that reads on after an error can be made to see other messages than those in front of it see.',
    run: async (context) => {
      const seen: Awaited<ReturnType<typeof commit>>[] = [];
      for (const breach of breaches) seen.push(await commit(context, breach));
      const evidence = seen.map(({ line }) => line);
      const taken = seen.filter((each) => each.verdict === 'taken');
      const coarse = seen.filter((each) => each.verdict === 'other');
      const names = (list: typeof seen) => list.map(({ name }) => name).join(', ');
      const remedy = 'close with 1002, or 1007 for bad UTF-8, at the first error (RFC 6455, 7.1.7 and 8.1)';
      if (taken.length > 0) return fail(`read on after: ${names(taken)}`, remedy, evidence);
      if (coarse.length > 0)
        return warn(`ended, but not with the right code, after: ${names(coarse)}`, remedy, evidence);
      return pass(`${seen.length} of ${seen.length} with the right code`, evidence);
    },
  },
  {
    id: 'protocol-huge-frame',
    group: 'protocol',
    adversarial: true,
    title: 'A frame of 2^63 bytes is not waited for',
    why: 'A server that believes every length can be made to wait, or to reserve memory, by ten bytes.',
    run: (context) =>
      withLine(
        context.url,
        context.dial,
        async (line) => {
          line.connection.write(rawFrame({ opcode: 2, length: 2n ** 63n - 1n, payload: Buffer.from('so it begins') }));
          const event = await waitFor(line, () => false, Math.min(context.timeoutMs, hugeWaitMs));
          if (event.kind === 'end') return pass(endText(event.end));
          return warn(
            `the server goes on waiting for ${(2n ** 63n - 1n).toLocaleString('en')} bytes`,
            'limit the size of messages, and refuse a larger one at its length with 1009',
          );
        },
        ({ failure }) => warn(failure.detail, 'look for a limit on connections'),
      ),
  },
];

/** A refusal comes at once or not at all. */
const hugeWaitMs = 1000;

async function commit(context: CheckContext, breach: Breach) {
  const { name, frame, code } = breach;
  const told = (verdict: 'right' | 'other' | 'taken', what: string) => ({ name, verdict, line: `${name}: ${what}` });
  return await withLine(
    context.url,
    context.dial,
    async (line) => {
      // A server that reads on gets to these: the ping is answered, or at the latest the close frame.
      const ping = rawFrame({ opcode: 9, payload: Buffer.from('after') });
      const close = rawFrame({ opcode: 8, payload: closePayload(4321, '') });
      // In one write: a second one could fail on a connection that was ended after the first, and take with it what
      // came.
      line.connection.write(Buffer.concat([rawFrame(frame), ping, close]));
      const event = await waitFor(line, (each) => each.kind === 'pong' || each.kind === 'close', context.timeoutMs);
      if (event.kind === 'pong') return told('taken', 'the ping behind it is answered');
      if (event.kind === 'close') {
        const shown = lineEventText(event);
        if (event.code === 4321) return told('taken', shown);
        return told(event.code === code ? 'right' : 'other', shown);
      }
      if (event.kind === 'end' && event.end.violation === null) return told('other', endText(event.end));
      // An echo of bad UTF-8 is a violation itself, and may come before the pong: the server has read on to send it.
      if (event.kind === 'end') return told('taken', `${endText(event.end)} in its answer`);
      return told('taken', 'the connection stays open, and nothing comes');
    },
    ({ failure }) => told('other', `not tried: ${failure.detail}`),
  );
}
