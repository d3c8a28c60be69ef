// What the kernel knows of processes: who is below whom, time on a processor, private memory. Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';

/** A process and all below it. */
export function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readOrEmpty(`/proc/${name}/stat`);
    if (stat !== '') parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = [pid];
  for (const each of found) for (const [child, parent] of parents) if (parent === each) found.push(child);
  return found;
}

/**
 * Time that all threads of the processes have spent on a processor, in nanoseconds (schedstat counts switches, not
 * ticks).
 */
export function cpuNanoseconds(pids) {
  let sum = 0;
  for (const pid of pids)
    for (const task of tasks(pid)) sum += Number(readOrEmpty(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]);
  return sum;
}

function tasks(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Memory that would be free if the processes ended, in bytes: the kernel's share for their sockets is not in it. */
export function privateBytes(pids) {
  let sum = 0;
  for (const pid of pids)
    for (const [, kilobytes] of readOrEmpty(`/proc/${pid}/smaps_rollup`).matchAll(
      /^Private_(?:Clean|Dirty):\s+(\d+)/gm,
    ))
      sum += Number(kilobytes) * 1024;
  return sum;
}

/** The process may end while it is looked at. */
function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
