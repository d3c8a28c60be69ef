import { insertTextBefore, replaceArguments } from '../fixes/edit.ts';
import type { Rule } from '../rule.ts';
import { descriptorsSpare, descriptorsUsual, workersOf } from '../workers.ts';

export const nofileShort: Rule = {
  id: 'ws033-nofile-short',
  severity: 'warning',
  title: 'a worker runs out of descriptors before it runs out of connections',
  why: 'Every connection is a descriptor, and logs, listening sockets and libraries take some more. Past the limit a handshake gets 500, and nginx stops accepting for half a second at a time.',
  evidence:
    'Seen with nginx 1.22.1: "socket() failed (24: Too many open files)" and status 500; at the start nginx only warns that worker_connections exceed the limit.',
  help: 'set worker_rlimit_nofile to at least worker_connections and 64 more; in a container or a unit, the hard limit (LimitNOFILE) has to allow it',
  exampleIn: 'main',
  bad: `
worker_processes 1;
worker_rlimit_nofile 4096;
worker_shutdown_timeout 1h;

events {
    worker_connections 4096;
}

http {
    server {
        listen 80;
    }
}`,
  good: `
worker_processes 1;
worker_rlimit_nofile 4352;
worker_shutdown_timeout 1h;

events {
    worker_connections 4096;
}

http {
    server {
        listen 80;
    }
}`,
  *check(context) {
    const { main, events, http } = context.effective;
    const doubt = context.doubt(main, 'worker_rlimit_nofile');
    if (doubt === null || events?.statement == null || http === null) return;
    const { connections, descriptors, statement } = workersOf(context);
    if ((descriptors?.limit ?? descriptorsUsual) >= connections + descriptorsSpare) return;
    // Round numbers a quarter of a thousand above, as people write them.
    const limit = String(connections + 4 * descriptorsSpare);
    yield {
      at: descriptors?.statement ?? statement ?? events.statement,
      message:
        descriptors === null
          ? `${connections} connections need about ${connections + descriptorsSpare} descriptors, and without worker_rlimit_nofile a process often gets ${descriptorsUsual}`
          : `${connections} connections need about ${connections + descriptorsSpare} descriptors, and ${descriptors.limit} are allowed`,
      // Up to the usual limit the difference is a handful, and other things end first.
      severity:
        descriptors !== null || (context.webSockets.length > 0 && connections > descriptorsUsual) ? 'warning' : 'info',
      ...doubt,
      fix: {
        title: `set worker_rlimit_nofile ${limit}`,
        // A container or a unit may allow far more than what would be written here, and this line would lower it.
        safe: descriptors !== null && doubt.unless === undefined,
        edits: [
          descriptors === null
            ? insertTextBefore(events.statement.directive, [`worker_rlimit_nofile ${limit};`, ''])
            : replaceArguments(descriptors.statement.directive, [limit]),
        ],
      },
    };
  },
};
