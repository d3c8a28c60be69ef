import { formatSize } from '../../../base/units.ts';
import type { EffectiveValue, Scope } from '../../effective/model.ts';
import { parseSizeBytes } from '../../facts/values.ts';
import type { Statement } from '../../syntax/tree.ts';
import { insertAfter } from '../fixes/edit.ts';
import type { Doubt, Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const bufferSizeAlone: Rule = {
  id: 'ws041-buffer-size-alone',
  severity: 'error',
  title: 'nginx refuses to start: proxy_buffer_size does not go with proxy_buffers',
  why: 'proxy_busy_buffers_size is twice proxy_buffer_size unless it is set, and has to be smaller than all proxy_buffers without one. With the default of eight buffers of 4k, a proxy_buffer_size from 14k on does not fit, even with proxy_buffering off.',
  evidence:
    'Seen with nginx 1.22.1 and 1.31.4: "proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer.',
  help: 'set proxy_buffers beside it, such as 4 16k for a proxy_buffer_size of 16k',
  bad: `
${soundLocation('location /ws', { more: ['proxy_buffer_size 16k;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_buffer_size 16k;', 'proxy_buffers 4 16k;'] })}`,
  *check(context) {
    if (names.every((name) => context.statements(name).length === 0)) return;
    const { servers, locations } = context.effective;
    for (const scope of [...servers, ...locations]) {
      const problem = problemOf(context, scope);
      if (problem !== null) yield problem;
    }
  },
};

const names = ['proxy_buffer_size', 'proxy_buffers', 'proxy_busy_buffers_size'] as const;

/** ngx_http_proxy_merge_loc_conf: checked for every server and location, whether it proxies or not. */
function problemOf(context: LintContext, scope: Scope): Finding | null {
  const [size, buffers, busy] = names.map((name) => context.value(scope, name)) as [
    EffectiveValue,
    EffectiveValue,
    EffectiveValue,
  ];
  const at = lastOf([busy, size, buffers]);
  // Where nothing is written here, the block around it has been told.
  if (at === null || ![size, buffers, busy].some(({ origin }) => origin === 'own')) return null;
  const sizeBytes = parseSizeBytes(size.text ?? '');
  const count = Number(buffers.rows.at(-1)?.[0]);
  const eachBytes = parseSizeBytes(buffers.rows.at(-1)?.[1] ?? '');
  const busyBytes = parseSizeBytes(busy.text ?? '');
  if (sizeBytes === null || eachBytes === null || busyBytes === null || !Number.isInteger(count)) return null;
  const doubt = doubtOf(context, scope);
  if (doubt === null) return null;
  const largest = Math.max(sizeBytes, eachBytes);
  const room = (count - 1) * eachBytes;
  if (busyBytes >= largest && busyBytes < room) return null;
  const because = busyBytes < largest ? `at least ${formatSize(largest)}` : `less than ${formatSize(room)}`;
  return {
    at,
    message: `proxy_busy_buffers_size ${busy.origin === 'default' ? 'comes to' : 'is'} ${formatSize(busyBytes)} and has to be ${because}`,
    about: scope,
    ...doubt,
    ...fixOf(context, { size, buffers, busy, sizeBytes }),
  };
}

/** With all three known the sum is known; otherwise what was not read could make it right. */
function doubtOf(context: LintContext, scope: Scope): Doubt | null {
  const doubts = names.map((name) => context.doubt(scope, name));
  return doubts.includes(null) ? null : (doubts.find((doubt) => doubt?.unless !== undefined) ?? {});
}

function lastOf(values: readonly EffectiveValue[]): Statement | null {
  return values.find(({ origin }) => origin === 'own')?.statements.at(-1) ?? null;
}

interface Sizes {
  readonly size: EffectiveValue;
  readonly buffers: EffectiveValue;
  readonly busy: EffectiveValue;
  readonly sizeBytes: number;
}

/** Only where proxy_buffer_size stands alone: with other numbers, nobody knows which one was meant. */
function fixOf(context: LintContext, { size, buffers, busy, sizeBytes }: Sizes): Pick<Finding, 'fix'> {
  const at = size.statements.at(-1);
  if (size.origin !== 'own' || at === undefined || buffers.origin !== 'default' || busy.origin !== 'default') return {};
  const line = ['proxy_buffers', '4', formatSize(sizeBytes)];
  const safe = !context.isShared(at.directive);
  return { fix: { title: `add ${line.join(' ')}`, safe, edits: [insertAfter(at.directive, [line])] } };
}
