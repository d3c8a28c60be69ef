/** What is counted by side, for each connection and for each route. */
export interface Counters {
  clientBytes: number;
  clientMessages: number;
  serverBytes: number;
  serverMessages: number;
}

export function count(counters: Counters, from: 'client' | 'server', bytes: number, messages: number): void {
  if (from === 'client') {
    counters.clientBytes += bytes;
    counters.clientMessages += messages;
  } else {
    counters.serverBytes += bytes;
    counters.serverMessages += messages;
  }
}
