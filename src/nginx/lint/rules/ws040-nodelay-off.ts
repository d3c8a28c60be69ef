import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const nodelayOff: Rule = {
  id: 'ws040-nodelay-off',
  severity: 'warning',
  title: 'small messages wait for one another',
  why: 'With tcp_nodelay off the kernel holds a small packet back until the one before is acknowledged, and the other side takes up to 40 ms to acknowledge. nginx switches it on for both sides of a tunnel unless told otherwise.',
  evidence:
    'Measured with nginx 1.22.1: the second of two small frames arrives 38.8 ms later (median) with tcp_nodelay off, 0.3 ms with on.',
  help: 'leave tcp_nodelay on, its default',
  bad: `
${soundLocation('location /ws', { more: ['tcp_nodelay off;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['tcp_nodelay on;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const nodelay = context.value(location, 'tcp_nodelay');
      const at = nodelay.statements.at(-1);
      if (at === undefined || nodelay.text?.toLowerCase() !== 'off') continue;
      yield {
        at,
        message: `small frames through "${location.label}" wait up to 40 ms`,
        about: location,
        ...valueFix(context, location, { name: 'tcp_nodelay', args: ['on'] }),
      };
    }
  },
};
