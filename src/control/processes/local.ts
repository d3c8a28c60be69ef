/** Children of this process. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import type { Addressed, Child, ChildEars, ChildExit, Children, ChildSpec } from './child.ts';
import { type Guardian, startGuardian } from './guardian.ts';

export interface LocalChildren extends Children {
  /** Those that run, by id. */
  readonly running: ReadonlyMap<string, LocalChild>;
  /** `id`: where whoever asks has named it. */
  start(spec: ChildSpec, ears: ChildEars, id?: string): LocalChild;
  /** What is heard of a child goes to these ears from now on. */
  listen(id: string, ears: ChildEars): void;
  /** As when this process is killed. */
  cut(): void;
}

export interface LocalChild extends Child {
  readonly spec: ChildSpec;
}

/**
 * Before the command, in the same shell: something that waits for the end of descriptor 3, whose other end only this
 * process holds, and then ends the process group. So no server is left behind, even by an edge that is killed.
 */
const watchOverGroup = '( (cat <&3; kill -9 0) >/dev/null 2>&1 & )\nexec 3<&-';

export function localChildren(onExit?: (id: string, exit: ChildExit) => void): LocalChildren {
  const running = new Map<string, LocalChild>();
  const ears = new Map<string, ChildEars>();
  /** Reads on, whatever the ears before have not done with yet: they may be those of a process that is gone. */
  const readsOn = new Map<string, () => void>();
  /** Another supervisor has them, or had. */
  const distant = new Set<string>();
  /** By what the command lines of its workers contain. */
  const guardians = new Map<string, Guardian>();
  let lastNumber = 0;

  function guardianOf(entry: string): Guardian {
    const guardian = guardians.get(entry) ?? startGuardian(entry);
    guardians.set(entry, guardian);
    return guardian;
  }

  function start(spec: ChildSpec, first: ChildEars, id = `${process.pid}-${++lastNumber}`): LocalChild {
    ears.set(id, first);
    const child_ = spec.kind === 'worker' ? forked(spec) : spawned(spec);
    child_.on('message', (message, handle) => {
      if (isAddressed(message)) passOn(message, handle);
      else ears.get(id)?.message?.(message);
    });
    hear(child_, (stream, text) => ears.get(id)?.text?.(stream, text));
    readsOn.set(id, () => {
      child_.stdout?.resume();
      child_.stderr?.resume();
    });
    child_.once('close', () => {
      ears.delete(id);
      readsOn.delete(id);
    });
    const guardian = spec.kind === 'worker' ? guardianOf(spec.entry) : null;
    guardian?.watch(child_.pid ?? 0);
    const child: LocalChild = {
      id,
      spec,
      pid: child_.pid ?? 0,
      exited: exitOf(child_).then((exit) => {
        running.delete(id);
        distant.delete(id);
        guardian?.forget(child_.pid ?? 0);
        onExit?.(id, exit);
        return exit;
      }),
      send(message, handle, sent) {
        // An error means that the channel is closed; `exited` tells everybody who has to know.
        if (child_.connected) child_.send(message, handle as never, {}, () => sent?.());
        else sent?.();
      },
      kill: (signal) => (spec.kind === 'worker' ? void child_.kill(signal) : killGroup(child_, signal)),
    };
    running.set(id, child);
    return child;
  }

  /** Whoever it is for may be gone: whoever sent it is told of that, and has the handle still. */
  function passOn({ child, message }: Addressed, handle: unknown): void {
    const close = () => (handle as { close?: () => void } | undefined)?.close?.();
    const to = running.get(child);
    if (to === undefined) close();
    else to.send(message, handle, close);
  }

  return {
    running,
    start,
    adopt(id, next) {
      const child = running.get(id);
      if (child === undefined) return null;
      distant.delete(id);
      ears.set(id, next);
      readsOn.get(id)?.();
      return child;
    },
    listen(id, next) {
      distant.add(id);
      ears.set(id, next);
      readsOn.get(id)?.();
    },
    strangers: () => [...running.values()].filter(({ id }) => distant.has(id)),
    close() {
      for (const guardian of guardians.values()) guardian.close();
    },
    cut() {
      for (const child of running.values()) child.kill('SIGKILL');
      for (const guardian of guardians.values()) guardian.close();
    },
  };
}

function forked({ entry, execArgv, errorsHeard }: Extract<ChildSpec, { kind: 'worker' }>): ChildProcess {
  const stdio = ['inherit', 'inherit', errorsHeard ? 'pipe' : 'inherit', 'ipc'] as const;
  // The advanced serialization carries bytes as bytes, and its cost does not grow with the depth of the data.
  return fork(entry, [], { serialization: 'advanced', execArgv: [...execArgv], stdio: [...stdio] });
}

function spawned({ command, directory, env }: Extract<ChildSpec, { kind: 'server' }>): ChildProcess {
  return spawn(`${watchOverGroup}\n${command}`, {
    shell: true,
    cwd: directory,
    env,
    // A process group of its own: Ctrl-C reaches only Holdline, and what the command starts can be ended with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

function isAddressed(message: unknown): message is Addressed {
  return (message as Partial<Addressed> | null)?.kind === 'to';
}

function hear(child: ChildProcess, text: NonNullable<ChildEars['text']>): void {
  for (const [stream, output] of [
    [1, child.stdout],
    [2, child.stderr],
  ] as const)
    output
      ?.setEncoding('utf8')
      .on('data', (chunk: string) => {
        const taken = text(stream, chunk);
        if (taken === undefined) return;
        output.pause();
        void taken.then(() => output.resume());
      })
      .on('end', () => text(stream, null));
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Nothing of the group is left, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.connected) child.once('disconnect', () => resolve({ code, signal }));
      else resolve({ code, signal });
    });
    child.once('error', (error) => {
      // Failing to start the program is the one error after which no exit follows.
      if (child.pid === undefined) resolve({ code: null, signal: null, problem: error.message });
    });
  });
}
