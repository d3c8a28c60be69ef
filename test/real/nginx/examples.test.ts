/** nginx itself accepts every right example, and every faulty one after its fixes. */
import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../../src/nginx/lint/examination.ts';
import { diskReader } from '../../../src/nginx/run/disk-reader.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { type ExampleFile, exampleFiles, systemFiles } from '../../nginx/example-files.ts';
import { fixFiles } from '../../nginx/lint/linting.ts';
import { testCertificate } from '../../support/certificate.ts';
import { nginxVersion, testNginx } from '../support/nginx.ts';

/** Paths, users and ports of other machines, replaced by what is there. */
function here(text: string): string {
  return (
    text
      .replace(/(ssl_certificate) [^;]+;/g, '$1 cert.pem;')
      .replace(/(ssl_certificate_key) [^;]+;/g, '$1 key.pem;')
      .replace(/ssl_dhparam [^;]+;/g, '')
      .replace(/(auth_basic_user_file) [^;]+;/g, '$1 htpasswd;')
      .replace('/etc/nginx/mime.types', 'mime.types')
      .replace(/\/var\/cache\/nginx\/?/g, 'cache-')
      .replace(/\/var\/log\/nginx\//g, '')
      // Names of other networks: nginx wants to look them up when it starts.
      .replace(/(proxy_pass https?:\/\/)(?:[a-z-]+\.example\.(?:com|org)|rooms)(?=[:;])/g, '$1127.0.0.1')
      .replace(/^user [^;]+;/m, '')
      .replace(/^pid [^;]+;/m, '')
      .replace(/listen \[::\]:\d+[^;]*;/g, '')
      .replace(/listen (?:127\.0\.0\.1:)?(\d+)/g, (_listen, port) => `listen 127.0.0.1:${30_000 + Number(port)}`)
      .replace(/^events/m, 'pid nginx.pid;\nerror_log error.log;\nevents')
      .replace(/^http \{/m, 'http {\n    access_log off;')
  );
}

function verdict(text: string) {
  const { accepted, message } = testNginx(here(text), {
    'cert.pem': testCertificate.cert,
    'key.pem': testCertificate.key,
    htpasswd: '',
    'mime.types': systemFiles['/etc/nginx/mime.types']!,
    fastcgi_params: systemFiles.fastcgi_params!,
  });
  return { accepted, message };
}

describe('nginx accepts', () => {
  test.each(exampleFiles.filter(({ right }) => right).map(({ name, text }) => [name, text]))('%s', (_name, text) => {
    expect(verdict(text)).toMatchObject({ accepted: true });
  });

  const mended = ({ name, text }: ExampleFile) =>
    fixFiles({ [name]: text, ...systemFiles }, { target: nginxVersion }, 'all').files[name]!;
  test.each(exampleFiles.filter(({ right }) => !right).map((file) => [file.name, file] as const))(
    '%s, mended',
    (_name, file) => {
      expect(verdict(mended(file))).toMatchObject({ accepted: true });
    },
  );
});

const debian = '/etc/nginx/nginx.conf';

describe('/etc/nginx as Debian ships it', () => {
  beforeEach(({ skip }) => skip(!existsSync(debian), `there is no ${debian}`));

  const look = (connections?: number) =>
    examine(readConfiguration(debian, diskReader()), {
      target: [1, 22, 1],
      ...(connections !== undefined && { connections }),
    }).diagnostics.map(({ severity, code, message }) => ({ severity, code, message }));

  test('has no error, and what it lacks for WebSockets is named', () => {
    const found = look();
    expect(found.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({ code: 'ws032-worker-connections', message: expect.stringContaining('at most 382') }),
    );
    expect(found).toContainEqual(expect.objectContaining({ code: 'ws034-shutdown-timeout' }));
  });

  test('is too small for five thousand, as far as one worker goes', () => {
    expect(look(5000)).toContainEqual(
      expect.objectContaining({ severity: 'warning', message: expect.stringContaining('382 of the 5000') }),
    );
  });
});
