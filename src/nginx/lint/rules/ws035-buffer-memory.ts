import { formatSize } from '../../../base/units.ts';
import { parseSizeBytes } from '../../facts/values.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const bufferMemory: Rule = {
  id: 'ws035-buffer-memory',
  severity: 'warning',
  title: 'every WebSocket holds two large buffers',
  why: 'A tunnel has one buffer of proxy_buffer_size for each direction, taken at the handshake and given back at the end. They do not grow and need not hold a whole message; larger ones only save processor time with bulk data.',
  evidence:
    'Measured with nginx 1.22.1: 18 kB for each WebSocket with 4k, 43 kB with 16k, 141 kB with 64k once large messages have passed; 16k halves the processor time of 1 MB messages, 64k saves little more.',
  help: 'write 4k to 16k in the location of the WebSockets; the size has to hold the head of the backend’s answer with its cookies',
  exampleOptions: { connections: 1000 },
  bad: `
${soundLocation('location /ws', { more: ['proxy_buffer_size 64k;', 'proxy_buffers 4 64k;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_buffer_size 8k;', 'proxy_buffers 4 64k;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const size = context.value(location, 'proxy_buffer_size');
      const at = size.statements.at(-1);
      const bytes = parseSizeBytes(size.text ?? '') ?? 0;
      if (at === undefined || bytes < largeBytes) continue;
      const { connections } = context.options;
      const together = connections === undefined ? '' : `, ${gigabytes(2 * bytes * connections)} for ${connections}`;
      const fix = valueFix(context, location, { name: 'proxy_buffer_size', args: ['8k'] })?.fix;
      yield {
        at,
        message: `each WebSocket through "${location.label}" can hold ${formatSize(2 * bytes)} of buffers${together}`,
        severity: connections === undefined ? 'info' : 'warning',
        about: location,
        // Heads of answers may need the room.
        ...(fix !== undefined && { fix: { ...fix, safe: false } }),
      };
    }
  },
};

/** Where the memory of a tunnel begins to be the buffers’ (18 kB is what it costs without). */
const largeBytes = 32 * 1024;

function gigabytes(bytes: number): string {
  return bytes < 10 ** 9 ? `${Math.round(bytes / 10 ** 6)} MB` : `${(bytes / 10 ** 9).toFixed(1)} GB`;
}
