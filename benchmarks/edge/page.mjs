// The measured part of docs/performance.md, from the report of a run. Pure.
import { peers } from './peers.mjs';
import { rows } from './rows.mjs';
import { summarize } from './statistics.mjs';
import { figure } from './table.mjs';

const begin = '<!-- bench:edge begin: written by `npm run bench:edge`, changes in here are lost -->';
const end = '<!-- bench:edge end -->';

/** The page with what stands between the markers exchanged; null when the markers are not there. */
export function withMeasured(page, measured) {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) return null;
  return `${page.slice(0, from + begin.length)}\n\n${measured.trim()}\n\n${page.slice(to)}`;
}

export function linesOf(report) {
  return summarize(report.results, rows, peers);
}

export function measuredPart(report) {
  const lines = linesOf(report);
  return [
    facts(report),
    '![Processor time per message of each proxy](performance-messages.svg)\n',
    '![Handshakes and memory of each proxy](performance-handshakes-memory.svg)\n',
    '### Ratios to nginx\n',
    `Median over ${roundsOf(report)} of the ratio within a round; in brackets the least and the most.\n`,
    ratios(lines),
    '### Targets\n',
    targets(lines),
    '### Medians\n',
    'µs of processor time per message or handshake, kB of user memory per connection, MB of user memory more at most.\n',
    absolutes(lines),
    '### Throughput, latency, and how busy the proxy was\n',
    'Per second; for messages and the 5,000 at once, p50 / p99 in ms; the share of a core that the proxy took.\n',
    rates(lines),
  ].join('\n');
}

function roundsOf({ rounds, freshRounds = rounds }) {
  if (freshRounds === rounds) return `${rounds} rounds`;
  return `${rounds} rounds (${freshRounds} where each proxy is started anew: memory, and the 5,000 at once)`;
}

function facts({ startedAt, seconds, machine, versions, measureMs, ...rest }) {
  const programs = peers
    .filter(({ id }) => versions[id] !== undefined)
    .map(({ id, name, setting }) => `${name} ${versions[id]} (${setting})`)
    .join(', ');
  return `Measured on ${startedAt.slice(0, 10)}: ${roundsOf(rest)} in ${Math.round(seconds / 60)} minutes, ${measureMs} ms for each figure per message. ${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}; load average ${machine.loadBefore.toFixed(1)} before the run and ${machine.loadAfter.toFixed(1)} after it (the run itself makes about 2).\n\n${programs}.\n`;
}

function ratios(lines) {
  const compared = lines.filter(({ row }) => row.compared !== false);
  return grid(
    ['', ...peers.map(({ name }) => name)],
    compared.map(({ row, entries }) => [
      row.what,
      ...peers.map((peer) => {
        const ratio = of(entries, peer)?.ratio ?? null;
        if (ratio === null) return '';
        const text = ratio.median.toFixed(2);
        if (peer.id === 'nginx') return text;
        return `${peer.id === 'holdline' ? `**${text}**` : text} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
      }),
    ]),
  );
}

function targets(lines) {
  return grid(
    ['', 'at most', 'Holdline', '', 'in rounds', 'closest relay on Node', 'Holdline takes of it'],
    lines
      .filter(({ row }) => row.target !== null)
      .map(({ row, entries, waited, nodePeers: [closest] }) => {
        const own = entries.find(({ peer }) => peer.id === 'holdline');
        return [
          row.what,
          row.target.toFixed(2),
          own?.ratio?.median.toFixed(2) ?? '',
          verdict(own, waited),
          own?.ratio === null || own === undefined ? '' : `${own.roundsMet} of ${own.ratio.ratios.length}`,
          closest?.peer.name ?? '',
          closest?.ratio.median.toFixed(2) ?? '',
        ];
      }),
  );
}

function verdict(own, waited) {
  if (own === undefined || own.met === null) return '';
  const doubt = waited.map(({ peer, busyShare }) => `, ${peer.name} ${Math.round(busyShare * 100)} % busy`).join('');
  return `${own.met ? 'met' : '**missed**'}${doubt}`;
}

function absolutes(lines) {
  return grid(
    ['', ...peers.map(({ name }) => name)],
    lines.map(({ row, entries }) => [
      `${row.what}, ${row.short}`,
      ...peers.map((peer) => {
        const found = of(entries, peer);
        return found === undefined ? '' : figure(found.medians.value);
      }),
    ]),
  );
}

function rates(lines) {
  return grid(
    ['', ...peers.map(({ name }) => name)],
    lines
      .filter(({ entries }) => entries.some(({ medians }) => medians.perSecond !== undefined))
      .map(({ row, entries }) => [
        row.what,
        ...peers.map((peer) => {
          const medians = of(entries, peer)?.medians;
          if (medians === undefined) return '';
          const said = [Math.round(medians.perSecond).toLocaleString('en-GB')];
          if (medians.p50Micros !== undefined)
            said.push(`${figure(medians.p50Micros / 1000)} / ${figure(medians.p99Micros / 1000)}`);
          if (medians.proxyBusy !== undefined) said.push(`${Math.round(medians.proxyBusy * 100)} %`);
          return said.join('; ');
        }),
      ]),
  );
}

function of(entries, { id }) {
  return entries.find(({ peer }) => peer.id === id);
}

function grid(head, body) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, index) => (index === 0 ? '---|' : '---:|')).join('')}`;
  return `${[line(head), rule, ...body.map(line)].join('\n')}\n`;
}
