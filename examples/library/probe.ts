// Probes an endpoint and says what fails, why, and what to do.
import { probe } from 'holdline/probe';

const url = process.argv[2] ?? 'ws://127.0.0.1:9000/';
const report = await probe(url, { checks: { only: ['handshake'] } });
for (const { id, verdict, detail } of report.walk) console.log(verdict, id, detail);
for (const { verdict, title, finding } of report.checks) console.log(verdict, title, finding);
if (report.failure !== null) console.log(report.failure.cause, report.failure.remedy);
