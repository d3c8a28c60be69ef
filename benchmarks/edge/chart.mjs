// Bars as SVG for GitHub: one panel for each row, the figure of each proxy as a bar, the spread of its ratio as a line.
// Pure.
import { figure } from './table.mjs';

const columns = 2;
const panelWidth = 430;
const barHeight = 15;
const rowHeight = 20;
const headHeight = 34;
const footHeight = 16;
const nameWidth = 78;
const labelWidth = 96;
const barWidthMax = panelWidth - nameWidth - labelWidth - 20;
const colours = { own: '#2563eb', base: '#475569', other: '#94a3b8', spread: '#0f172a', target: '#dc2626' };

/** `lines` as summarize() makes them. Bars of a panel share a scale that starts at nothing. */
export function chart(lines, title) {
  const panelHeight = headHeight + rowHeight * Math.max(1, ...lines.map(({ entries }) => entries.length)) + footHeight;
  const width = columns * panelWidth;
  const height = 30 + Math.ceil(lines.length / columns) * panelHeight + 18;
  const panels = lines.map((line, index) => {
    const [x, y] = [(index % columns) * panelWidth, 30 + Math.floor(index / columns) * panelHeight];
    return `<g transform="translate(${x} ${y})">\n${panel(line)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="11" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="10" y="20" font-size="14" font-weight="600" fill="#0f172a">${escaped(title)}</text>
${panels.join('\n')}
<text x="10" y="${height - 8}" fill="#475569">Shorter is better. Bars: ratio to nginx; thin lines: its least to its most; red: Holdline's target. Beside: median of the figures · ratio.</text>
</svg>
`;
}

/**
 * What counts is the ratio, so a bar is as long as it says; beside nginx's median, the medians of the figures may
 * differ a little.
 */
function lengthOf({ medians, ratio }, base) {
  return ratio === null ? medians.value : ratio.median * base;
}

function panel({ row, entries }) {
  const base = entries.find(({ peer }) => peer.id === 'nginx');
  const reach = ({ medians, ratio }) => Math.max(medians.value, ratio === null ? 0 : ratio.max * base.medians.value);
  const scale = barWidthMax / (Math.max(...entries.map(reach)) || 1);
  const out = [
    `<text x="10" y="22" font-size="12" font-weight="600" fill="#0f172a">${escaped(row.what)} <tspan font-weight="400" fill="#475569">(${escaped(row.unit)})</tspan></text>`,
  ];
  for (const [index, entry] of entries.entries())
    out.push(bar(entry, row, headHeight + index * rowHeight, { scale, base: base?.medians.value ?? 0 }));
  return out.join('\n');
}

function bar({ peer, medians, ratio, target }, row, y, { scale, base }) {
  const own = peer.id === 'holdline';
  const colour = own ? colours.own : peer.id === 'nginx' ? colours.base : colours.other;
  const middle = y + barHeight / 2;
  const at = (value) => (nameWidth + 10 + value * scale).toFixed(1);
  const end = Math.max(
    ratio === null ? medians.value : 0,
    ratio === null ? 0 : ratio.max * base,
    target === null ? 0 : target * base,
  );
  const label = `${figure(medians.value)} ${row.short}${ratio === null ? '' : ` · ${ratio.median.toFixed(2)}`}`;
  const out = [
    `<text x="${nameWidth + 4}" y="${middle + 4}" text-anchor="end" fill="#0f172a"${own ? ' font-weight="700"' : ''}>${escaped(peer.name.replaceAll('`', ''))}</text>`,
    `<rect x="${nameWidth + 10}" y="${y}" width="${Math.max(1, lengthOf({ medians, ratio }, base) * scale).toFixed(1)}" height="${barHeight}" rx="2" fill="${colour}"/>`,
  ];
  if (ratio !== null && peer.id !== 'nginx')
    out.push(
      `<path d="M${at(ratio.min * base)} ${middle}H${at(ratio.max * base)}" stroke="${colours.spread}" stroke-width="1.2"/>`,
    );
  if (target !== null && base > 0)
    out.push(`<path d="M${at(target * base)} ${y - 2}v${barHeight + 4}" stroke="${colours.target}" stroke-width="2"/>`);
  out.push(
    `<text x="${Number(at(end)) + 6}" y="${middle + 4}" fill="#334155"${own ? ' font-weight="700"' : ''}>${escaped(label)}</text>`,
  );
  return out.join('\n');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
