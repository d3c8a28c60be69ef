/** Thresholds of latency as lines across the chart over time, so that one sees when they were broken. */
import type uPlot from 'uplot';
import { writeOver } from './lettering.ts';
import type { ThresholdMark } from './page-data.ts';
import type { Theme } from './theme.ts';

export function drawThresholds(chart: uPlot, theme: Theme, marks: readonly ThresholdMark[]): void {
  const { ctx, bbox } = chart;
  const ratio = bbox.width / Math.max(1, chart.over.clientWidth);
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.lineWidth = ratio;
  for (const { text, us, held } of marks) {
    const y = Math.round(chart.valToPos(us, 'y', true)) + 0.5;
    if (!(y > bbox.top && y < bbox.top + bbox.height)) continue;
    const colour = held ? theme.held : theme.missed;
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.setLineDash([8 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    writeOver(ctx, theme, text.slice(0, 40), { x: bbox.left + bbox.width - 4 * ratio, y: y - 2 * ratio, ratio });
  }
  ctx.restore();
}
