// Where a run leaves its results in the repository, and the facts that stand beside them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chart } from './chart.mjs';
import { linesOf, measuredPart, withMeasured } from './page.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const resultsFile = path.join(root, 'benchmarks/results/edge.json');
const pageFile = path.join(root, 'docs/performance.md');
const charts = [
  {
    file: 'docs/performance-messages.svg',
    title: 'Processor time of the proxy per message there and back',
    has: (row) => row.kind === 'messages',
  },
  {
    file: 'docs/performance-handshakes-memory.svg',
    title: 'Handshakes and memory',
    has: (row) => row.kind !== 'messages',
  },
];

export function writeResults(file, report) {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
}

export function readResults() {
  return JSON.parse(readFileSync(resultsFile, 'utf8'));
}

/** Exchanges the measured part of docs/performance.md and the charts. Answers the files that it wrote. */
export function writePage(report) {
  const page = withMeasured(readFileSync(pageFile, 'utf8'), measuredPart(report));
  if (page === null) throw new Error(`${pageFile} has lost its markers`);
  writeFileSync(pageFile, page);
  const lines = linesOf(report);
  for (const { file, title, has } of charts)
    writeFileSync(
      path.join(root, file),
      chart(
        lines.filter(({ row }) => has(row)),
        title,
      ),
    );
  return ['docs/performance.md', ...charts.map(({ file }) => file)];
}

export function machineFacts() {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux',
    kernel: os.release(),
    node: process.versions.node,
  };
}
