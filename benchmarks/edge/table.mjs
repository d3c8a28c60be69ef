// The result as text for a terminal of 80 columns. Pure.

/** @returns {string} */
export function table(lines) {
  return lines.map(block).join('\n');
}

function block({ row, entries, waited, nodePeers }) {
  const rates = entries.some(({ medians }) => medians.perSecond !== undefined);
  const latencies = entries.some(({ medians }) => medians.p50Micros !== undefined);
  const busy = entries.some(({ medians }) => medians.proxyBusy !== undefined);
  const out = [`${row.what}: ${row.unit}`];
  out.push(
    line([
      '',
      row.short,
      'to nginx',
      'least to most',
      rates ? 'per s' : '',
      ...(latencies ? ['p50 ms', 'p99 ms'] : ['', '']),
      busy ? 'busy' : '',
    ]),
  );
  for (const { peer, medians, ratio } of entries)
    out.push(
      line([
        peer.name.replaceAll('`', ''),
        figure(medians.value),
        ratio === null ? '' : ratio.median.toFixed(2),
        ratio === null || peer.id === 'nginx' ? '' : `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`,
        rates ? Math.round(medians.perSecond).toLocaleString('en-GB') : '',
        ...(latencies ? [figure(medians.p50Micros / 1000), figure(medians.p99Micros / 1000)] : ['', '']),
        busy ? `${Math.round(medians.proxyBusy * 100)}%` : '',
      ]),
    );
  for (const { target, met, roundsMet, ratio } of entries)
    if (met !== null)
      out.push(
        `  Holdline's target, at most ${target.toFixed(2)} of nginx: ${met ? 'met' : 'missed'} (in ${roundsMet} of ${ratio.ratios.length} rounds)`,
      );
  for (const { peer, busyShare } of waited)
    out.push(`  This counts for little: ${peer.name} had a core busy for ${Math.round(busyShare * 100)} % only`);
  const [closest] = nodePeers;
  if (closest !== undefined)
    out.push(
      `  Of the relays on Node, ${closest.peer.name.replaceAll('`', '')} is closest: Holdline takes ${closest.ratio.median.toFixed(2)} of it`,
    );
  return `${out.join('\n')}\n`;
}

function line([name, value, ratio, spread, rate, p50, p99, busy]) {
  const cells = [value.padStart(9), ratio.padStart(10), spread.padStart(15), rate.padStart(10), p50.padStart(9)];
  return `  ${name.padEnd(11)}${cells.join('')}${p99.padStart(9)}${busy.padStart(5)}`.trimEnd();
}

/** Three digits that count. */
export function figure(value) {
  const size = Math.abs(value);
  return (size < 0.005 ? 0 : value).toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
