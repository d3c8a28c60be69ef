import { endText, withLine } from '../line.ts';
import { type Check, pass, warn } from './check.ts';

const codes = [1000, 1001, 3000, 4999, null] as const;

export const closeChecks: readonly Check[] = [
  {
    id: 'close-echo',
    group: 'close',
    title: 'A close frame is answered with its own code',
    why: 'The answer tells the closing side that its last messages were read; without it every close looks like a crash.',
    run: async (context) => {
      const evidence: string[] = [];
      const wrong: string[] = [];
      for (const code of codes) {
        const shown = code ?? 'no code';
        const said = await withLine(
          context.url,
          { ...context.dial, timeouts: { ...context.dial.timeouts, closeMs: context.timeoutMs } },
          async ({ connection }) => {
            const end = await connection.close({ code, reason: code === null ? '' : 'Tschüß' });
            if (end.received === null)
              wrong.push(`${shown} (${end.socket.how === 'cut' ? 'no answer' : endText(end)})`);
            else if (end.received.code !== code) wrong.push(`${shown} (${end.received.code ?? 'no code'} came back)`);
            return endText(end);
          },
          ({ failure }) => `not tried: ${failure.detail}`,
        );
        evidence.push(`${shown}: ${said}`);
      }
      if (wrong.length === 0) return pass('1000, 1001, 3000, 4999 and no code come back', evidence);
      return warn(
        `not answered with their own code: ${wrong.join(', ')}`,
        'send the close code back that came (RFC 6455, 5.5.1)',
        evidence,
      );
    },
  },
];
