/** Thresholds on the percentile curve: each is one point that the curve must stay below. */
import type uPlot from 'uplot';
import { writeOver } from './lettering.ts';
import { ninesOf } from './nines.ts';
import type { ThresholdMark } from './page-data.ts';
import type { Theme } from './theme.ts';

/** `max` lies at the right end, wherever that is. */
const ninesOfMetric = { p50: ninesOf(0.5), p90: 1, p99: 2, p999: 3, max: null } as const;
const halfWidth = 5;

export function drawPercentileMarks(chart: uPlot, theme: Theme, marks: readonly ThresholdMark[]): void {
  const { ctx, bbox, scales } = chart;
  const ratio = bbox.width / Math.max(1, chart.over.clientWidth);
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 1.5 * ratio;
  for (const { text, metric, us, held } of marks) {
    const x = chart.valToPos(ninesOfMetric[metric] ?? scales.x?.max ?? 0, 'x', true);
    const y = chart.valToPos(us, 'y', true);
    if (!(x >= bbox.left && x <= bbox.left + bbox.width && y >= bbox.top && y <= bbox.top + bbox.height)) continue;
    const half = halfWidth * ratio;
    ctx.strokeStyle = held ? theme.held : theme.missed;
    ctx.fillStyle = ctx.strokeStyle;
    ctx.beginPath();
    ctx.moveTo(x - half, y);
    ctx.lineTo(x + half, y);
    ctx.moveTo(x, y - half);
    ctx.lineTo(x, y + half);
    ctx.stroke();
    const onLeft = x > bbox.left + bbox.width / 2;
    ctx.textAlign = onLeft ? 'right' : 'left';
    writeOver(ctx, theme, text.slice(0, 40), { x: x + (onLeft ? -2 : 2) * half, y, ratio });
  }
  ctx.restore();
}
