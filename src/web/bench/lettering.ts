/** Text over lines: a rim in the colour of the paper keeps it readable. */
import type { Theme } from './theme.ts';

const rimPx = 4;

export function writeOver(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  text: string,
  { x, y, ratio }: { readonly x: number; readonly y: number; readonly ratio: number },
): void {
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineJoin = 'round';
  ctx.lineWidth = rimPx * ratio;
  ctx.strokeStyle = theme.paper;
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
  ctx.restore();
}
