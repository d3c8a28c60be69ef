// A small load, held against a threshold, and its page.
import { writeFileSync } from 'node:fs';
import { readScenario, startBench, writeBenchPage } from 'holdline/bench';

const { value: scenario, diagnostics } = readScenario({
  url: process.argv[2] ?? 'ws://127.0.0.1:9000/',
  connections: 10,
  durationMs: 2000,
});
for (const { message } of diagnostics) console.log(message);
if (scenario !== null) {
  const { done } = await startBench(scenario, { onNotice: console.log });
  const report = await done;
  console.log(report.ended, report.connections.opened, report.messages?.received);
  if (process.argv[3] !== undefined) writeFileSync(process.argv[3], writeBenchPage(report));
}
