import { lineEventText, pingLine } from '../line.ts';
import { rawFrame } from '../raw-frame.ts';
import { type Check, fail, onLine, pass, skip, warn } from './check.ts';

export const pingChecks: readonly Check[] = [
  {
    id: 'ping-payload',
    group: 'ping',
    title: 'A pong carries what the ping carried',
    why: 'Only the payload tells which ping a pong belongs to; without it round trips cannot be measured.',
    run: (context) =>
      onLine(context, async (line) => {
        const evidence: string[] = [];
        for (const length of [0, 1, 125]) {
          const ping = await pingLine(line, Buffer.alloc(length, 0xa7), context.timeoutMs);
          if (!ping.ok)
            return fail(
              `a ping of ${length} bytes got no pong with the same bytes: ${lineEventText(ping.event)}`,
              'send the ping’s payload back as it was (RFC 6455, 5.5.3)',
            );
          evidence.push(`${length} bytes: ${ping.tookMs.toFixed(1)} ms`);
        }
        return pass('0, 1 and 125 bytes come back as they were', evidence);
      }),
  },
  {
    id: 'ping-unasked-pong',
    group: 'ping',
    title: 'An unsolicited pong is ignored',
    why: 'Clients use one-way pongs as heartbeats (RFC 6455, 5.5.3).',
    run: (context) =>
      onLine(context, async (line) => {
        line.connection.write(rawFrame({ opcode: 10, payload: Buffer.from('unasked') }));
        const ping = await pingLine(line, Buffer.from('still there?'), context.timeoutMs);
        if (ping.ok) return pass('ignored, as it should be');
        return fail(`after it: ${lineEventText(ping.event)}`, 'ignore pongs that answer no ping (RFC 6455, 5.5.3)');
      }),
  },
  {
    id: 'server-ping',
    group: 'ping',
    // Last of all, when the quiet connection has been quiet for longest.
    alone: true,
    title: 'The server pings',
    why: 'A server that pings keeps quiet connections alive through every proxy, and notices clients that are gone.',
    run: async (context) => {
      const watched = await context.quiet();
      if (watched === null) return warn('a quiet connection could not be opened', 'look for a limit on connections');
      const { tookMs } = watched;
      const seconds = tookMs < 1000 ? `${Math.round(tookMs)} ms` : `${(tookMs / 1000).toFixed(1)} s`;
      return watched.pings > 0
        ? pass(`${watched.pings} in ${seconds}`)
        : skip(`none came in the ${seconds} that the checks took; --idle watches for longer`);
    },
  },
];
