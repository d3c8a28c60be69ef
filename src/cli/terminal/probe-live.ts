/** Prints a probe as it happens; on a terminal, with a line below that tells what is being waited for. */
import type { ProbeEvent } from '../../probe/event.ts';
import { secondsText } from '../../probe/idle/judge.ts';
import type { ProbeVerdict } from '../../probe/report.ts';
import { heading, type TextPage } from '../../report/paint.ts';
import { byteLines } from '../../report/probe/bytes.ts';
import { checkLines, type Detail, failureLines, stepLines } from '../../report/probe/text.ts';
import type { Terminal } from './terminal.ts';

export function liveProbe(terminal: Terminal, page: TextPage, detail: Detail): (event: ProbeEvent) => void {
  let checking = false;
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.print(line);
  };
  const isShown = (verdict: ProbeVerdict) => !detail.brief || verdict === 'fail' || verdict === 'warn';
  return (event) => {
    switch (event.kind) {
      case 'waiting':
        return terminal.status(`      waiting for ${event.what} …`);
      case 'step':
        return isShown(event.step.verdict) ? print(stepLines(page, event.step)) : undefined;
      case 'failure':
        return print(failureLines(page, event.failure, detail));
      case 'check':
        if (!isShown(event.check.verdict)) return;
        if (!checking && !detail.brief) terminal.print(heading(page, 'Checks'));
        checking = true;
        return print(checkLines(page, event.check, detail));
      case 'case':
        return terminal.status(
          `      case ${event.done} of ${event.total}: ${event.result.section}, ${event.result.name}`,
        );
      case 'idle': {
        const { open, opened, waitingFor, elapsedMs } = event.progress;
        return terminal.status(
          `      ${secondsText(Math.floor(elapsedMs / 1000) * 1000)}: ${open} of ${opened} connections open; ${waitingFor}`,
        );
      }
      case 'bytes':
        if (detail.verbose) print(byteLines(page, event.direction, event.bytes));
    }
  };
}

/** For forms that are printed at the end: only what is being waited for. */
export function quietProbe(terminal: Terminal): (event: ProbeEvent) => void {
  return (event) => {
    if (event.kind === 'waiting') terminal.status(`waiting for ${event.what} …`);
    if (event.kind === 'case') terminal.status(`case ${event.done} of ${event.total} …`);
    if (event.kind === 'idle') terminal.status(`${event.progress.waitingFor} …`);
  };
}
