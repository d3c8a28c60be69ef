/** `holdline plan --live`: looks at a running nginx instead of planning one. */

import os from 'node:os';
import { jsonText } from '../../base/json-text.ts';
import { readMachineFacts } from '../../host/machine-facts.ts';
import { diskReader } from '../../nginx/run/disk-reader.ts';
import { generationsOf, liveFindings, liveLimits } from '../../nginx/run/live/findings.ts';
import { readLive } from '../../nginx/run/live/reading.ts';
import { renderText } from '../../report/diagnostics.ts';
import { renderLive } from '../../report/plan/live.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';

/** Long enough for the kernel's clock of 10 ms to mean something, short enough to wait for. */
const intervalMs = 1_000;

/** 1 when something has run out. Throws live-unreadable. */
export async function showLive(target: string, form: 'text' | 'json', cli: Cli): Promise<ExitCode> {
  const reading = await readLive({ target, reader: diskReader(), intervalMs });
  const machine = readMachineFacts();
  const findings = liveFindings(reading, machine);
  if (form === 'json') {
    const { portsByServer, ...rest } = reading;
    const value = {
      version: 1,
      ...rest,
      limits: liveLimits(reading, machine),
      generations: generationsOf(reading.workers),
      findings,
    };
    cli.stdout.write(`${jsonText({ ...value, ports: Math.max(0, ...portsByServer.values()) }, 2)}\n`);
  } else {
    cli.stdout.write(renderLive(reading, machine, { columns: cli.stdout.columns ?? 80, nowSeconds: os.uptime() }));
    const colour = wantsColour(cli.stdout, cli.env);
    if (findings.length > 0) cli.stdout.write(`\n${renderText(findings, { colour, sources: new Map() })}`);
  }
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}
