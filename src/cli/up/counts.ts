import type { Engine } from '../../control/engines/engine.ts';
import { liveLine, sampleOf } from '../terminal/line.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A person sees a change this fast as immediate, and a rate over it does not jump about. */
const liveLineEveryMs = 1000;
/** Without a terminal the counts are for whoever reads the output later. */
const plainLineEveryMs = 60_000;

/** Shows the counts until the function that comes back is called. */
export function showCounts(edge: Engine, terminal: Terminal): () => void {
  const sample = () => sampleOf(edge.totals(), edge.workers(), performance.now());
  let last = sample();
  const timer = setInterval(
    () => {
      const now = sample();
      if (terminal.live) terminal.status(liveLine(now, last));
      else terminal.print(liveLine(now, last));
      last = now;
    },
    terminal.live ? liveLineEveryMs : plainLineEveryMs,
  );
  return () => {
    clearInterval(timer);
    terminal.end();
  };
}
