/** What lies behind the lines of every chart over time: phases as bands with their names, storms as marks. */
import type uPlot from 'uplot';
import { writeOver } from './lettering.ts';
import type { PageReport } from './page-data.ts';
import type { Theme } from './theme.ts';

type Marks = Pick<PageReport, 'phases' | 'storms'>;

/** Above the plot, as high as the room that the figure leaves there. */
const nameOffset = 6;
const namePadding = 4;

export function drawBands(chart: uPlot, theme: Theme, { phases, storms }: Marks): void {
  const { ctx, bbox } = chart;
  ctx.save();
  clip(ctx, bbox);
  for (const [index, { startMs, endMs }] of phases.entries())
    if (index % 2 === 1) fill(chart, theme.band, startMs, endMs);
  for (const { atMs, recoveredMs } of storms)
    if (recoveredMs !== null) fill(chart, theme.stormBand, atMs, atMs + recoveredMs);
  ctx.restore();
}

export function drawNames(chart: uPlot, theme: Theme, { phases, storms }: Marks): void {
  const { ctx, bbox } = chart;
  const ratio = bbox.width / Math.max(1, chart.over.clientWidth);
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.faint;
  for (const { name, startMs, endMs } of phases) {
    const [left, right] = [edge(chart, startMs), edge(chart, endMs)];
    const room = right - left - 2 * namePadding * ratio;
    const text = fitting(ctx, name, room);
    if (text !== '') ctx.fillText(text, left + namePadding * ratio, bbox.top - nameOffset * ratio);
  }
  clip(ctx, bbox);
  ctx.strokeStyle = theme.storm;
  ctx.fillStyle = theme.storm;
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.textBaseline = 'top';
  for (const [index, { atMs }] of storms.entries()) {
    const x = Math.round(chart.valToPos(atMs / 1000, 'x', true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const name = storms.length === 1 ? 'storm' : `storm ${index + 1}`;
    writeOver(ctx, theme, name, { x: x + namePadding * ratio, y: bbox.top + 2 * ratio, ratio });
  }
  ctx.restore();
}

function clip(ctx: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox): void {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}

function fill(chart: uPlot, colour: string, startMs: number, endMs: number): void {
  const [left, right] = [edge(chart, startMs), edge(chart, endMs)];
  chart.ctx.fillStyle = colour;
  chart.ctx.fillRect(left, chart.bbox.top, right - left, chart.bbox.height);
}

/** Pixels of the canvas, within the plot. */
function edge(chart: uPlot, ms: number): number {
  const { left, width } = chart.bbox;
  return Math.max(left, Math.min(left + width, chart.valToPos(ms / 1000, 'x', true)));
}

/** A name that does not fit is cut; one of which nothing would be left is not shown. */
function fitting(ctx: CanvasRenderingContext2D, name: string, room: number): string {
  if (ctx.measureText(name).width <= room) return name;
  let text = name.slice(0, 40);
  while (text.length > 2 && ctx.measureText(`${text}…`).width > room) text = text.slice(0, -1);
  return text.length > 2 ? `${text}…` : '';
}
