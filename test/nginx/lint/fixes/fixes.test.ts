/** Fixes: what they may do, what they may not, and that nothing they touch gets worse. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleConfiguration, frameAround } from '../../../../src/nginx/lint/example.ts';
import { type Look, runFixes } from '../../../../src/nginx/lint/fixes/run.ts';
import { rules } from '../../../../src/nginx/lint/rules.ts';
import { fixFiles, fixText, lintText } from '../linting.ts';

const plain = `location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_read_timeout 10m;
}`;

test('a header that is there gets another value, and no second line', () => {
  const bad = frameAround(
    plain.replace(
      '    proxy_read',
      '    proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection close;\n    proxy_read',
    ),
    'server',
  );
  const fixed = fixText(bad);
  expect(fixed.match(/proxy_set_header Connection/g)).toHaveLength(1);
  expect(fixed).toContain('proxy_set_header Connection $upgrade_connection;');
});

test('a location that inherits headers gets all of them, not the new ones alone', () => {
  const bad = frameAround(
    `proxy_set_header Host $http_host;\nproxy_set_header X-Real-IP $remote_addr;\n\n${plain.replace(/ +proxy_set_header.*\n/, '')}`,
    'server',
  );
  const location = fixText(bad).split('location /ws')[1]!;
  expect(location.match(/proxy_set_header (\S+)/g)).toEqual([
    'proxy_set_header Host',
    'proxy_set_header X-Real-IP',
    'proxy_set_header Upgrade',
    'proxy_set_header Connection',
  ]);
});

test('the maps are added once, however many locations need them', () => {
  const bad = `events {}
http {
    server {
        listen 80;
${['/ws', '/cable', '/wss'].map((path) => plain.replace('/ws', path).replace('http://backend', 'http://127.0.0.1:9000')).join('\n')}
    }
}
`;
  const fixed = fixText(bad);
  expect(fixed.match(/map \$http_upgrade/g)).toHaveLength(2);
  expect(fixed.match(/proxy_set_header Upgrade/g)).toHaveLength(3);
  expect(lintText(fixed).filter(({ code }) => /^ws0(?:0|1|2[0-5])/.test(code))).toEqual([]);
});

test('a fragment of http gets its maps at the top; one of a server has no place for them', () => {
  const server = `# holdline:context http\nserver {\n${plain}\n}\n`;
  expect(fixText(server)).toMatch(/holdline:context http\nmap \$http_upgrade/);
  const location = `# holdline:context http,server\n${plain}\n`;
  expect(fixText(location)).toBe(location);
});

test('line ends and tabs stay as the file has them', () => {
  const bad = exampleConfiguration(rules.find(({ id }) => id.startsWith('ws001'))!, 'bad')
    .replaceAll('    ', '\t')
    .replaceAll('\n', '\r\n');
  const fixed = fixText(bad);
  expect(fixed).not.toBe(bad);
  expect(fixed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(fixed).toContain('\r\n\t\t\tproxy_set_header Upgrade');
});

test('a block on one line stays on one line', () => {
  const bad = frameAround('location /ws { proxy_pass http://backend; proxy_read_timeout 0; }', 'server');
  const line = fixText(bad)
    .split('\n')
    .find((each) => each.includes('location /ws'));
  expect(line).toMatch(/^ {8}location \/ws \{ .*proxy_http_version 1\.1;.* \}$/);
});

test('a file that several locations include is not changed for one of them without asking', () => {
  const files = {
    'nginx.conf': frameAround(
      'location /ws {\n    proxy_pass http://backend;\n    include proxy.inc;\n}\nlocation /api {\n    proxy_pass http://backend;\n    include proxy.inc;\n}',
      'server',
    ),
    'proxy.inc': 'proxy_http_version 1.0;\nproxy_set_header Host $http_host;\nproxy_read_timeout 10m;\n',
  };
  expect(fixFiles(files).files['proxy.inc']).toBe(files['proxy.inc']);
  expect(fixFiles(files, {}, 'all').files['proxy.inc']).toContain('proxy_http_version 1.1');
});

describe('a round', () => {
  const edit = (start: number, end: number, text: string) => ({ file: 'f', start, end, text });
  const finding = (code: string, edits: ReturnType<typeof edit>[]) => ({
    code,
    severity: 'warning' as const,
    message: code,
    where: { file: 'f' },
    fix: { title: code, safe: true, edits },
  });

  /** A text in which `a` and `b` are findings, `!` an error. Fixing `b` brings up the error. */
  const look = (changed: ReadonlyMap<string, string>): Look => {
    const text = changed.get('f') ?? 'ab';
    const at = (letter: string) => text.indexOf(letter);
    return {
      textOf: () => text,
      diagnostics: [
        ...(at('a') < 0 ? [] : [finding('a', [edit(at('a'), at('a') + 1, 'A')])]),
        ...(at('b') < 0 ? [] : [finding('b', [edit(at('b'), at('b') + 1, '!')])]),
        ...(at('!') < 0 ? [] : [{ code: 'worse', severity: 'error' as const, message: 'worse' }]),
      ],
    };
  };

  test('that makes something worse is taken back, and the good part of it kept', () => {
    const { changed, applied, takenBack } = runFixes({ look, which: 'safe' });
    expect(changed.get('f')).toBe('Ab');
    expect(applied.map(({ code }) => code)).toEqual(['a']);
    expect(takenBack.map(({ code }) => code)).toEqual(['b']);
  });

  test('leaves files alone that may not be changed', () => {
    expect(runFixes({ look, which: 'safe', mayChange: () => false }).changed.size).toBe(0);
  });

  test('ends when fixes go round in a circle', () => {
    const circle = (changed: ReadonlyMap<string, string>): Look => {
      const text = changed.get('f') ?? 'x';
      return { textOf: () => text, diagnostics: [finding('again', [edit(0, 1, text === 'x' ? 'y' : 'x')])] };
    };
    expect(runFixes({ look: circle, which: 'safe' }).changed.size).toBe(0);
  });
});

/** Statements that break something, thrown together. */
const lines = [
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Upgrade $connection_upgrade;',
  'proxy_set_header Upgrade websocket;',
  'proxy_set_header Connection "upgrade";',
  'proxy_set_header Connection $http_connection;',
  'proxy_set_header Connection "";',
  'proxy_set_header Connection $nobody;',
  'proxy_set_header Host $host;',
  'proxy_set_header Origin x;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_http_version 1.0;',
  'proxy_http_version 1.1;',
  'proxy_read_timeout 0;',
  'proxy_read_timeout 7d;',
  'proxy_read_timeout 86400000;',
  'proxy_send_timeout 0;',
];
const some = fc.uniqueArray(fc.constantFrom(...lines), {
  maxLength: 5,
  selector: (line) => line.split(' ').slice(0, 2).join(),
});

test('property: fixing never adds an error, and what was fixed needs no fixing again', () => {
  fc.assert(
    fc.property(some, some, fc.constantFrom('/', '/ws/', '/socket.io/', '= /cable'), (server, location, pattern) => {
      const text = frameAround(
        `${server.join('\n')}\nlocation ${pattern} {\n    proxy_pass http://backend;\n${location.map((line) => `    ${line}`).join('\n')}\n}`,
        'server',
      );
      const errors = (of: string) => lintText(of).filter(({ severity }) => severity === 'error').length;
      const fixed = fixText(text);
      expect(errors(fixed)).toBeLessThanOrEqual(errors(text));
      expect(fixText(fixed)).toBe(fixed);
    }),
    { numRuns: 60 },
  );
});

test('property: what nobody wrote as a configuration is linted and mended without throwing', () => {
  const bad = rules.map((rule) => exampleConfiguration(rule, 'bad'));
  fc.assert(
    fc.property(
      fc.constantFrom(...bad),
      fc.nat(),
      fc.nat({ max: 40 }),
      fc.string({ maxLength: 8 }),
      (text, at, length, put) => {
        const start = at % text.length;
        const mutated = text.slice(0, start) + put + text.slice(start + length);
        lintText(mutated);
        fixText(mutated);
      },
    ),
    { numRuns: 100 },
  );
});
