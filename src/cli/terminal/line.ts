import { openIn, type Totals } from '../../registry/totals.ts';

/** What the live line is made of, read at one moment. */
export interface LiveSample {
  readonly atMs: number;
  readonly connections: number;
  readonly upgraded: number;
  readonly refused: number;
  readonly clientMessages: number;
  readonly serverMessages: number;
  readonly memoryBytes: number;
  readonly workers: number;
}

export function sampleOf(
  totals: Totals,
  workers: readonly { readonly memoryBytes: number }[],
  atMs: number,
): LiveSample {
  const routes = Object.values(totals.routes);
  const sum = (value: (route: (typeof routes)[number]) => number) =>
    routes.reduce((total, route) => total + value(route), 0);
  const upgraded = sum((route) => route.handshakes.upgraded ?? 0);
  return {
    atMs,
    connections: openIn(totals),
    upgraded,
    refused: sum((route) => Object.values(route.handshakes).reduce((total, count) => total + count, 0)) - upgraded,
    clientMessages: sum((route) => route.clientMessages),
    serverMessages: sum((route) => route.serverMessages),
    memoryBytes: workers.reduce((total, worker) => total + worker.memoryBytes, 0),
    workers: workers.length,
  };
}

/** The live line: counts as they are, rates since the sample before. */
export function liveLine(now: LiveSample, before: LiveSample): string {
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  const rate = (of: (sample: LiveSample) => number) => perSecond((of(now) - of(before)) / seconds);
  return [
    connectionsText(now.connections),
    `${rate((sample) => sample.upgraded)} handshakes/s`,
    `${rate((sample) => sample.clientMessages)} msg/s in`,
    `${rate((sample) => sample.serverMessages)} msg/s out`,
    ...(now.refused > 0 ? [`${whole(now.refused)} refused`] : []),
    `${Math.round(now.memoryBytes / 1e6)} MB in ${now.workers} worker${now.workers === 1 ? '' : 's'}`,
  ].join(' · ');
}

/** `1 connection`, `12,345 connections`. */
export function connectionsText(count: number): string {
  return `${whole(count)} connection${count === 1 ? '' : 's'}`;
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Small rates with a decimal, so that one handshake in five seconds is not shown as none. */
function perSecond(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1).replace(/\.0$/, '') : whole(Math.round(rate));
}
