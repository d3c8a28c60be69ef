// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what envsubst replaces.
import { describe, expect, test } from 'vitest';
import { validate } from '../../../../src/nginx/facts/validate.ts';
import { readConfiguration } from '../../../../src/nginx/syntax/configuration.ts';
import { parse } from '../../../../src/nginx/syntax/parser.ts';
import { memoryReader } from '../../../../src/nginx/syntax/reader.ts';
import { templateMarks } from '../../../../src/nginx/syntax/template/marks.ts';

test.each<[text: string, engine: string]>([
  ['listen {{ port }};', 'Handlebars or Jinja'],
  ['{% if tls %}\nlisten 443;\n{% endif %}', 'Jinja'],
  ['{# a note #}\nlisten 443;', 'Jinja'],
  ['server_name {{ .Values.host }};', 'Helm'],
  ['{{- range $s := .Servers }}\nserver {{ $s }};\n{{- end }}', 'Go template'],
  ['{{#each servers}}\nserver {{this}};\n{{/each}}', 'Handlebars'],
  ['{{#if tls}}\nlisten 443;\n{{else}}\nlisten {{port}};\n{{/if}}', 'Handlebars'],
  ['{% if tls %}\nlisten {{ port }};\n{% endif %}', 'Jinja'],
  ['{{ if .TLS }}\nlisten {{ port }};\n{{ end }}', 'Go template'],
  ['listen <%= @port %>;', 'ERB or EJS'],
  ['<% if (tls) { %>\nlisten 443;\n<% } %>', 'ERB or EJS'],
  ['<#if tls>\nlisten 443;\n</#if>', 'FreeMarker'],
  ['<#list a as b>\nlisten ${b.port};\n</#list>', 'FreeMarker'],
  ['listen @@PORT@@;', 'placeholders'],
  ['listen ${PORT};', 'envsubst'],
])('%j is one of %s, with one finding', (text, engine) => {
  const { diagnostics } = parse(text, { path: 'site.conf' });
  expect(diagnostics.map(({ code }) => code)).toEqual(['nginx-template']);
  expect(diagnostics[0]!.message).toContain(engine);
  expect(diagnostics[0]!.where!.range!.start.line).toBe(1);
});

test.each([
  'location ~ "^/a{2}$" { }',
  'return 200 "${uri}";',
  'log_format j "{\\"a\\": {\\"b\\": \\"$uri\\"}}";',
  '# {{ not here }} and ${NOR} <% there %>\na;',
  'content_by_lua_block { local t = {{1}, {2}} }',
  'location /a {#c }\n}',
  'set $FOO 1; return 200 ${FOO};',
  'map $uri $BAR { default 1; }\nreturn 200 ${BAR};',
])('%j is no template', (text) => {
  expect(templateMarks(text)).toEqual([]);
});

describe('read as far as it is nginx', () => {
  const text = `events {}
http {
  upstream app {
    {% for host in hosts %}
    server {{ host }}:{{ port }} weight={{ weight }};
    {% endfor %}
    {{> more }}
  }
  server {
    listen {{ listen }};
    location {{ path }}/ws {
      proxy_pass http://app;
      proxy_read_timeout {{ timeout }};
      proxy_http_version \${VERSION};
      proxy_read_timout 5s;
    }
  }
}
`;
  const { value, diagnostics } = readConfiguration('/n.conf', memoryReader({ '/n.conf': text }));

  test('the tree is there, the text is the writer’s', () => {
    expect(diagnostics.map(({ code }) => code)).toEqual(['nginx-template']);
    expect(value.root.text).toBe(text);
    expect(value.gaps.map(({ what }) => what)).toEqual(['{{> more }}']);
    const [upstream, server] = value.statements[1]!.children;
    expect(upstream!.children).toHaveLength(1);
    expect(server!.children[1]!.children.map(({ directive }) => directive.name)).toEqual([
      'proxy_pass',
      'proxy_read_timeout',
      'proxy_http_version',
      'proxy_read_timout',
    ]);
  });

  test('values that nobody knows are not judged, the rest is', () => {
    expect(validate(value).map(({ code, where }) => [code, where!.range!.start.line])).toEqual([
      ['nginx-unknown-directive', 15],
    ]);
  });
});

test('a text of nothing but opening marks takes no long time', () => {
  const mixed = '{% a {{ b <% c {# ${D '.repeat(50_000);
  expect(templateMarks(mixed)).toEqual([]);
});
