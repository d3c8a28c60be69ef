import { dial } from '../../client/dial/dial.ts';
import { type Check, fail, pass, warn } from './check.ts';

/** As many tabs as come back at once after a short outage of a small service. */
const handshakes = 20;

export const burstChecks: readonly Check[] = [
  {
    id: 'handshake-burst',
    group: 'load',
    alone: true,
    title: `${handshakes} handshakes at once`,
    why: 'After every restart clients come back together; a limit that is too tight then keeps them out.',
    run: async (context) => {
      const startedMs = performance.now();
      const results = await Promise.all(
        Array.from({ length: handshakes }, async () => ({
          result: await dial(context.url, context.dial),
          atMs: performance.now(),
        })),
      );
      const refused = new Map<string, number>();
      const tookMs: number[] = [];
      for (const { result, atMs } of results) {
        if (result.ok) {
          tookMs.push(atMs - startedMs);
          result.connection.cut();
        } else {
          const { failure } = result;
          const said = failure.phase === 'upgrade' ? String(failure.answer.status) : `${failure.phase} ${failure.code}`;
          refused.set(said, (refused.get(said) ?? 0) + 1);
        }
      }
      tookMs.sort((a, b) => a - b);
      const evidence =
        tookMs.length === 0
          ? []
          : [`half of them within ${ms(tookMs[Math.floor(tookMs.length / 2)]!)}, all within ${ms(tookMs.at(-1)!)}`];
      if (refused.size === 0) return pass(`all upgraded within ${ms(tookMs.at(-1)!)}`, evidence);
      const list = [...refused].map(([said, count]) => `${count} × ${said}`).join(', ');
      const found = `${tookMs.length} of ${handshakes} upgraded; the rest: ${list}`;
      const limited = [...refused.keys()].every((said) => said === '429' || said === '503');
      return limited
        ? warn(
            `${found}: a limit`,
            'fine when it is meant; otherwise raise limit_conn, limit_req or the server’s own limit',
            evidence,
          )
        : fail(found, 'look at the server’s log, its backlog, and its limit of open files', evidence);
    },
  },
];

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
