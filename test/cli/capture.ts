import type { CommandEntry } from '../../src/cli/commands.ts';
import type { CliContext, ExitCode } from '../../src/cli/context.ts';
import { run } from '../../src/cli/program.ts';

export interface Captured {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process: what it prints and its exit code. */
export async function capture(
  argv: readonly string[],
  options: {
    readonly env?: CliContext['env'];
    readonly isTTY?: boolean;
    readonly table?: readonly CommandEntry[];
  } = {},
): Promise<Captured> {
  let out = '';
  let err = '';
  const output = (add: (text: string) => void) => ({
    write: (text: string) => add(text),
    isTTY: options.isTTY ?? false,
    columns: 100,
  });
  const context: CliContext = {
    stdout: output((text) => {
      out += text;
    }),
    stderr: output((text) => {
      err += text;
    }),
    env: options.env ?? {},
  };
  const code = await (options.table === undefined ? run(argv, context) : run(argv, context, options.table));
  return { code, out, err };
}
