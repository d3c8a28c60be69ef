/**
 * The policy, compiled to Lua and run by a real nginx, gives the same answers as it does here: for the vectors, and for
 * arguments by chance.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { luaOf } from '../../../scripts/lua.mjs';
import { argumentsOf } from '../../policy/vectors/arbitraries.ts';
import { answer, type Calls } from '../../policy/vectors/calls.ts';
import vectors from '../../policy/vectors/vectors.json' with { type: 'json' };
import { luaLiteral } from '../../support/lua-literal.ts';
import { type RunningNginx, startNginx } from '../support/nginx.ts';

const runs = 300;
const seed = Date.now() % 2 ** 31;

let nginx: RunningNginx;

beforeAll(async () => {
  nginx = await startNginx({
    modules: ['ndk_http', 'http_lua'],
    files: { 'policy.lua': luaOf('test/policy/vectors/calls.ts') },
    conf: ([port], directory) => `
events {}
http {
  lua_package_path "${directory}/?.lua;;";
  # The workers may not read this directory, the master may.
  init_by_lua_block { require "policy" }
  client_body_buffer_size 16m;
  client_max_body_size 16m;
  server {
    listen 127.0.0.1:${port};
    # One call for each line, as a Lua table of its name and its argument.
    location / {
      content_by_lua_block {
        local policy = require "policy"
        ngx.req.read_body()
        for line in ngx.req.get_body_data():gmatch("[^\\n]+") do
          local call = assert(loadstring("return " .. line))()
          local well, said = pcall(policy.answer, call[1], call[2])
          ngx.print((well and said or "error: " .. tostring(said)):gsub("\\n", "\\\\n"), "\\n")
        end
      }
    }
  }
}`,
  });
});

afterAll(() => nginx?.close());

type Call = readonly [name: keyof Calls, given: unknown];

async function answersOfLua(list: readonly Call[]): Promise<string[]> {
  const body = Buffer.from(list.map((call) => luaLiteral(call)).join('\n'), 'latin1');
  const response = await fetch(`http://127.0.0.1:${nginx.ports[0]}/`, { method: 'POST', body });
  if (response.status !== 200) throw new Error(nginx.errorLog());
  return Buffer.from(await response.arrayBuffer())
    .toString('latin1')
    .trimEnd()
    .split('\n');
}

const here = ([name, given]: Call) => answer(name, given as never).replaceAll('\n', '\\n');

test('the vectors', async () => {
  const list = vectors.map(({ call, given }): Call => [call as keyof Calls, given]);
  expect(await answersOfLua(list)).toEqual(vectors.map(({ gives }) => gives));
});

describe(`arguments by chance, seed ${seed}`, () => {
  test.each(Object.keys(argumentsOf) as (keyof Calls)[])('%s', async (name) => {
    const given = fc.sample<unknown>(argumentsOf[name], { seed, numRuns: runs });
    const list = given.map((each): Call => [name, each]);
    const answers = await answersOfLua(list);
    list.forEach((call, index) => {
      expect(answers[index], JSON.stringify(call)).toBe(here(call));
    });
  });
});
