/** Reads the report that the page carries, and draws its figures. */
import { mount } from './figure.ts';
import { percentileFigure, stormFigures } from './other-figures.ts';
import type { PageReport, ThresholdMark } from './page-data.ts';
import { onThemeChange } from './theme.ts';
import { timeFigures } from './time-figures.ts';

const report = read('report') as PageReport;
const marks = read('marks') as readonly ThresholdMark[];
const percentiles = percentileFigure(report, marks);
const figures = [
  ...timeFigures(report, marks),
  ...(percentiles === null ? [] : [percentiles]),
  ...report.storms.flatMap((storm, index) => stormFigures(storm, index + 1)),
];
const drawings = figures.map(mount);
onThemeChange(() => {
  for (const draw of drawings) draw();
});
document.documentElement.dataset.drawn = String(Math.round(performance.now()));

function read(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null');
}
