import { spawn } from 'node:child_process';

/**
 * A worker whose supervisor is gone says goodbye and ends by itself, unless it hangs. For that there is one tiny
 * process, which knows the workers and lives as long as the supervisor's end of a pipe is open: killed or not, the
 * supervisor takes that with it.
 */
export interface Guardian {
  watch(pid: number): void;
  forget(pid: number): void;
  /** The supervisor ends in order: nobody is to be killed. */
  close(): void;
  /** As when the supervisor is killed. */
  abandon(): void;
}

/** More than an orphan gives its clients to close (2 s), so that only those that hang are met. */
const graceSeconds = 6;

/**
 * Lines "+ pid" and "- pid" until the end of the pipe; then it kills who is left. A process id may belong to somebody
 * else by then, so the command line has to be a worker's of Holdline.
 */
const script = `
trap '' INT TERM HUP
pids=' '
while read -r op pid; do
  case $op in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
    .) exit 0 ;;
  esac
done
sleep "$1"
for pid in $pids; do
  if [ -r "/proc/$pid/cmdline" ]; then args=$(tr '\\0' ' ' < "/proc/$pid/cmdline"); else args=$(ps -o args= -p "$pid" 2>/dev/null); fi
  case $args in *"$2"*) kill -9 "$pid" ;; esac
done
`;

/** `entry`: what the command line of every worker contains. */
export function startGuardian(entry: string): Guardian {
  // A session of its own: neither Ctrl-C nor the end of a terminal meets it.
  const child = spawn('/bin/sh', ['-c', script, 'holdline-guardian', String(graceSeconds), entry], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell there is no guardian, and an edge that does well without.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  const say = (line: string) => {
    if (child.stdin.writable) child.stdin.write(`${line}\n`);
  };
  return {
    watch: (pid) => say(`+ ${pid}`),
    forget: (pid) => say(`- ${pid}`),
    close: () => {
      say('.');
      child.stdin.end();
    },
    abandon: () => child.stdin.end(),
  };
}
