/**
 * The language as read here against `nginx -t` of the installed 1.22.1: its cases, its limits, and random
 * configurations.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what nginx's variables look like.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directiveNames, factsOf } from '../../../src/nginx/facts/directives.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { diskReader } from '../../../src/nginx/run/disk-reader.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { configurationOf, lexerCases } from '../../nginx/syntax/lexer-cases.ts';
import { testNginx } from '../support/nginx.ts';

const target = [1, 22, 1] as const;

/** The first error here, as nginx writes its own: null when there is none. */
function verdict(text: string) {
  const { value, diagnostics } = readConfiguration(
    '/nginx.conf',
    memoryReader({ '/nginx.conf': Buffer.from(text, 'latin1') }),
  );
  const errors = [...diagnostics, ...validate(value, { target })].filter(({ severity }) => severity === 'error');
  const template = diagnostics.some(({ code }) => code === 'nginx-template');
  return { accepted: errors.length === 0, template, messages: errors.map(({ message }) => message) };
}

/** Both verdicts, so that a failure shows both reasons. */
function compare(text: string) {
  const real = testNginx(text);
  const ours = verdict(text);
  return { text, nginx: real.accepted, ours: ours.accepted, said: real.message, found: ours.messages.slice(0, 3) };
}

function expectSame(text: string): void {
  const both = compare(text);
  expect(both, JSON.stringify(both, null, 1)).toMatchObject({ ours: both.nginx });
}

/** `{{a}}` is the mark of a template's engine here, and said to be one; nginx never gets to see it. */
function expectSameUnlessTemplate(text: string): void {
  fc.pre(!verdict(text).template);
  expectSame(text);
}

describe('the cases are what nginx does', () => {
  test.each(lexerCases.cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const { accepted, message } = testNginx(configurationOf(each));
    expect({ accepted, message }).toEqual({ accepted: each.accepted, message: each.nginx });
  });
});

const around = (inside: string) =>
  `error_log stderr; pid p.pid; events {} http { access_log off; server { listen 127.0.0.1:1; location / {\n${inside}\n}}}\n`;

test.each([4093, 4094, 4095, 4096, 4097])('words and comments of %i bytes', (count) => {
  const long = 'a'.repeat(count);
  for (const inside of [
    `return 200 ${long};`,
    `return 200 ${long} ;`,
    `return 200 "${long}";`,
    `return 200 "${long}" ;`,
    `#${long}\n`,
  ])
    expectSame(around(inside));
});

describe('Lua blocks', () => {
  const lua = (body: string) =>
    `load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n${around(`content_by_lua_block {${body}}`)}`;

  test.each([
    ' ngx.say("}") ',
    " ngx.say('{') ",
    ' local a = [[ } ]] ',
    ' local a = [==[ } ]] ]==] ',
    ' -- }\n ',
    ' --[[ } \n ]] ',
    ' --[==[ } ]] ]==] ',
    ' local t = {{1},{2}} ',
    ' local s = "a\\"}" ',
    ' local s = "unclosed\n ',
    ' } ',
    ' { ',
    ' "} ',
    ' --[ }\n ',
    ' ngx.say("\\\\") ',
    ' local a = a[b[1]] ',
    " local a = 'x\n} ",
    ' #"} ',
  ])('%j', (body) => {
    expectSame(lua(body));
  });
});

/** Letters that mean something to the lexer, and a few that do not. */
const piece = fc.constantFrom(
  ...' \t\n\r;{}"\'\\#$()'.split(''),
  'return',
  '200',
  'a',
  'ok',
  '${uri}',
  '$uri',
  '\\n',
  '\u00a0',
  'if',
  '=',
);

test('random text inside a location', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => expectSameUnlessTemplate(around(pieces.join('')))),
    { numRuns: 300 },
  );
});

test('random text at the top of the file', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) =>
      expectSameUnlessTemplate(`error_log stderr; pid p.pid; events {}\n${pieces.join('')}`),
    ),
    { numRuns: 150 },
  );
});

describe('times and sizes', () => {
  const unit = fc.constantFrom('', 'ms', 's', 'm', 'h', 'd', 'w', 'M', 'y', ' ', 'k', 'K', 'g', 'x');
  const number = fc.oneof(
    fc.constantFrom('', '0', '-1', '1', '9223372036854775807', '99999999999999999999'),
    fc.nat(5000).map(String),
  );
  const value = fc.array(fc.tuple(number, unit), { minLength: 1, maxLength: 4 }).map((parts) => parts.flat().join(''));

  test.each([
    'proxy_read_timeout',
    'ssl_session_timeout',
    'proxy_buffer_size',
    'client_max_body_size',
    'proxy_next_upstream_tries',
  ])('%s', (name) => {
    const place = (text: string) =>
      `error_log stderr; pid p.pid; events {} http { ${name === 'proxy_buffer_size' ? 'proxy_buffers 4 1g; proxy_busy_buffers_size 2g;' : ''} server { listen 127.0.0.1:1; ${name} "${text}"; } }`;
    fc.assert(
      fc.property(value, (text) => {
        const ours = verdict(place(text)).messages.every((message) => !message.includes('invalid value'));
        const said = testNginx(place(text)).message ?? '';
        expect({ text, ours }).toEqual({ text, ours: !/invalid (?:value|number)/.test(said) });
      }),
      { numRuns: 60 },
    );
  });
});

/** Modules that Debian builds as separate files, or not at all. */
const builtOnDemand = new Set([
  'http_image_filter',
  'http_perl',
  'http_geoip',
  'http_xslt_filter',
  'http_degradation',
  'http_v3',
  'http_tunnel',
]);

/** Directives of the installed nginx that need no file, name or module to be accepted. */
const simple = [...directiveNames()].flatMap((name) =>
  factsOf(name).filter(({ module, thirdParty, since, value, block }) => {
    const isPlain = ['flag', 'time', 'size', 'number', 'offset', 'enum', 'buffers'].includes(value) && !block;
    return isPlain && !thirdParty && since === null && module.startsWith('http_') && !builtOnDemand.has(module);
  }),
);

describe('where directives may stand, how often, and with how many arguments', () => {
  const example: Record<string, string> = {
    flag: 'on',
    time: '5s',
    size: '4k',
    number: '5',
    offset: '4k',
    buffers: '4 8k',
  };
  const places: Record<string, (line: string) => string> = {
    main: (line) => `${line} events {} http { server { listen 127.0.0.1:1; } }`,
    http: (line) => `events {} http { ${line} server { listen 127.0.0.1:1; } }`,
    server: (line) => `events {} http { server { listen 127.0.0.1:1; ${line} } }`,
    location: (line) => `events {} http { server { listen 127.0.0.1:1; location / { ${line} } } }`,
    if: (line) => `events {} http { server { listen 127.0.0.1:1; location / { if ($arg_a) { ${line} } } } }`,
    upstream: (line) => `events {} http { upstream u { server 127.0.0.1:1; ${line} } server { listen 127.0.0.1:1; } }`,
  };
  /** What nginx says of these kinds of fault, whatever the value means. */
  const kinds = /unknown directive|not allowed here|invalid number of arguments|is duplicate/;

  test.each(Object.entries(places))('in %s', (_place, place) => {
    const facts = fc.constantFrom(...simple);
    fc.assert(
      fc.property(facts, fc.constantFrom('one', 'two', 'none', 'more'), (each, how) => {
        const value = each.value === 'enum' ? each.words[0]! : example[each.value]!;
        const line = {
          one: `${each.name} ${value};`,
          two: `${each.name} ${value}; ${each.name} ${value};`,
          none: `${each.name};`,
          more: `${each.name} ${value} x y;`,
        }[how];
        const text = `error_log stderr; pid p.pid; ${place(line)}`;
        const said = testNginx(text).message ?? '';
        // nginx stops at a number out of bounds before it sees the second line.
        fc.pre(!/must be|too (?:small|big|large)/.test(said));
        const ours = verdict(text).messages.filter((message) => kinds.test(message));
        expect({ line, fault: ours.length > 0 }, said).toEqual({ line, fault: kinds.test(said) });
      }),
      { numRuns: 120 },
    );
  });
});

test('the configuration that Debian installs has no error', () => {
  const { value, diagnostics } = readConfiguration('/etc/nginx/nginx.conf', diskReader());
  const found = [...diagnostics, ...validate(value, { target })];
  expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(value.files.size).toBeGreaterThan(3);
});
