import { describe, expect, test } from 'vitest';
import { HoldlineError } from '../../src/base/error.ts';
import type { Register } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { capture } from './capture.ts';

/** Ends with an exit code, fails as expected, or is broken, as its argument says. */
const registerTry: Register = (program, cli) => {
  program
    .command('try')
    .argument('<how>')
    .option('--fast', 'faster')
    .action(
      cli.action(async (how: string) => {
        if (how === 'expected')
          throw new HoldlineError('listen-port-taken', 'port 8080 is taken', { help: 'stop \u001b[31mit' });
        if (how === 'bug') throw new TypeError('undefined is not a function');
        return how === 'findings' ? 1 : 0;
      }),
    );
};
const table = [{ name: 'try', summary: 'try something', load: async () => registerTry }];

describe('exit codes', () => {
  test.each([
    [['try', 'fine'], 0],
    [['try', 'findings'], 1],
    [['--version'], 0],
    [['--help'], 0],
    [['help', 'try'], 0],
    [['try', '--help'], 0],
    [['tyr'], 2],
    [['try'], 2],
    [['try', 'fine', 'more'], 2],
    [['try', 'fine', '--fsat'], 2],
    [['--what'], 2],
    [['try', 'expected'], 3],
  ])('holdline %j ends with %d', async (argv, code) => {
    expect((await capture(argv, { table })).code).toBe(code);
  });

  test('an expected failure says what to do, on the error output, without control characters', async () => {
    const { out, err } = await capture(['try', 'expected'], { table });
    expect(out).toBe('');
    expect(err).toBe('error: port 8080 is taken [listen-port-taken]\n  help: stop \\u001b[31mit\n');
  });

  test('a bug is not dressed up', async () => {
    await expect(capture(['try', 'bug'], { table })).rejects.toThrow(TypeError);
  });
});

describe('wrong words', () => {
  test.each([
    [['tyr'], 'try'],
    [['try', 'fine', '--fsat'], '--fast'],
  ])('%j: did you mean %s', async (argv, meant) => {
    const { err } = await capture(argv, { table });
    expect(err).toContain(`(Did you mean ${meant}?)`);
  });

  test.each([
    [['frobnicate'], 'holdline --help lists its commands'],
    [['--frobnicate'], 'holdline --help lists its commands'],
    [['servers', 'frobnicate'], 'holdline servers --help lists its commands'],
    [['servers', 'add', '--frobnicate'], 'holdline servers add --help lists its options'],
    [['service', '--print', '--output', '/'], 'holdline service --help lists its options'],
  ])('%j: the help that answers it is named', async (argv, help) => {
    const { code, err } = await capture(argv);
    expect(code).toBe(2);
    expect(err.trimEnd().split('\n').at(-1)).toBe(`  help: ${help}`);
  });
});

describe('holdline alone', () => {
  test('prints at most three things to do, each with a command that is there', async () => {
    const { code, out } = await capture([]);
    expect(code).toBe(0);
    const typed = [...out.matchAll(/^ +\$ holdline (\w+) .+$/gm)].map((match) => match[1]!);
    expect(typed.length).toBeGreaterThan(0);
    expect(typed.length).toBeLessThanOrEqual(3);
    for (const name of typed) expect((await capture([name, '--help'])).code).toBe(0);
  });
});

describe('every command', () => {
  const names = commands.map((command) => command.name);

  test('has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(names)('%s --help shows defaults as they are typed, not as JSON', async (name) => {
    expect((await capture([name, '--help'])).out).not.toMatch(/default:\s+[["]/);
  });

  test.each(names)('%s --help ends with an example of itself', async (name) => {
    const { code, out } = await capture([name, '--help']);
    expect(code).toBe(0);
    const last = out.trimEnd().split('\n').at(-1)!;
    expect(out).toMatch(/\nExamples?:\n/);
    expect(last).toContain(`holdline ${name}`);
  });

  test.each(names)('%s has a line in the list', async (name) => {
    expect((await capture(['--help'])).out).toMatch(new RegExp(`^  ${name}\\b.*\\s{2}\\S`, 'm'));
  });
});
