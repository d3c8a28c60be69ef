/** A configuration against a spec: none with what was imported or generated, and each change with what it means. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatVersion, versionNewest } from '../../../src/base/nginx-version.ts';
import { generate } from '../../../src/nginx/generate/generate.ts';
import { driftBetween } from '../../../src/nginx/import/drift.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { importConfiguration } from '../../../src/nginx/toolkit/import.ts';
import { importedText } from '../../../src/report/import/text.ts';
import type { Spec } from '../../../src/spec/model.ts';
import { readSpec, specFromObject } from '../../../src/spec/read.ts';
import { prepare } from '../generate/sites.ts';

const directory = path.join(import.meta.dirname, 'shapes');
const shape = (name: string) => readFileSync(path.join(directory, `${name}.conf`), 'utf8');

function drift(conf: string, spec: Spec) {
  const root = '/etc/nginx/nginx.conf';
  const imported = importConfiguration({ root, reader: memoryReader({ [root]: conf }) }, { all: true });
  const nginx = specFromObject(imported.spec).value!;
  return driftBetween({ nginx, routesFrom: imported.routesFrom, fates: imported.fates, spec });
}

function importedSpec(conf: string): Spec {
  const root = '/etc/nginx/nginx.conf';
  const text = importedText(importConfiguration({ root, reader: memoryReader({ [root]: conf }) }), root);
  return readSpec(text, { file: 'holdline.yaml' }).value!;
}

const names = readdirSync(directory)
  .filter((file) => file.endsWith('.conf'))
  .map((file) => file.slice(0, -'.conf'.length));

/** What the spec cannot say stays a difference. */
const staying: Readonly<Record<string, readonly string[]>> = {
  weights: ['server 10.0.0.4:9000 backup: this line in nginx, nothing like it in the spec'],
};

describe('none with the spec that was imported from it', () => {
  test.each(names)('%s', (name) => {
    const told = drift(shape(name), importedSpec(shape(name))).map(({ message }) => message);
    expect(told.filter((message) => !message.startsWith('location'))).toEqual(staying[name] ?? []);
  });
});

describe('none with the spec that it was generated from', () => {
  test.each(['plain', 'no heartbeat', 'origins', 'tls', 'hosts'])('%s', (name) => {
    const { plan, site } = prepare(name, formatVersion(versionNewest), 'whole');
    const { value } = generate({ plan, site, form: 'whole', remarks: 'headings' });
    const told = drift(value!.configuration.text, site as unknown as Spec).map(({ message }) => message);
    expect(told).toEqual([]);
  });
});

/** A change of the chat configuration, and the words that tell of it. */
const changes: Readonly<Record<string, readonly [from: string | RegExp, to: string, message: string, why: string]>> = {
  'another server': ['10.0.0.1:9000', '10.0.0.9:9000', 'route chat.example.com/chat, servers', 'other servers'],
  'a server more': [
    'server 10.0.0.1:9000;',
    'server 10.0.0.1:9000; server 10.0.0.2:9000;',
    'http://10.0.0.2:9000',
    'other servers',
  ],
  'another path': [
    'location /chat/',
    'location /talk/',
    'route chat.example.com/talk: a location in nginx, no route',
    'answers them with 404',
  ],
  'a path in front': [
    'proxy_pass http://chat;',
    'proxy_pass http://chat/v2/;',
    'path to the server',
    'asked for another path',
  ],
  'a short timeout': [
    'proxy_read_timeout 3600s',
    'proxy_read_timeout 20s',
    'proxy_read_timeout 20s in nginx, a ping every 25s',
    'before the next ping',
  ],
  'another port': [
    'listen 80;',
    'listen 8080;',
    'listen 0.0.0.0:8080: a listener in nginx, nothing',
    'reach nginx alone',
  ],
  'trusted proxies': [
    'server_name',
    'set_real_ip_from 10.0.0.0/8; server_name',
    'trustedProxies: 10.0.0.0/8 in nginx, nobody',
    'taken from a header',
  ],
  'a list of origins': [
    'location /chat/ {',
    'location /chat/ { if ($http_origin != "https://chat.example.com") { return 403; }',
    'origins: https://chat.example.com, none without Origin in nginx, any in the spec',
    'pages from anywhere connect through the edge',
  ],
  'a limit': [
    'upstream chat',
    'limit_conn_zone $binary_remote_addr zone=ip:1m; limit_conn ip 10; upstream chat',
    'connections of one address: 10 in nginx, no limit in the spec',
    'stopped at another number',
  ],
  'a list of addresses': [
    'location /chat/ {',
    'location /chat/ { deny all;',
    'deny all: this line in nginx',
    'lists of addresses',
  ],
};

test.each(Object.entries(changes))('%s is told with what it means', (_name, [from, to, message, why]) => {
  const spec = importedSpec(shape('chat'));
  const changed = shape('chat').replace(from, to);
  expect(changed).not.toBe(shape('chat'));
  const told = drift(changed, spec);
  expect(
    told.map((each) => `${each.message} | ${each.why}`).filter((each) => each.includes(message) && each.includes(why)),
  ).toHaveLength(1);
});
