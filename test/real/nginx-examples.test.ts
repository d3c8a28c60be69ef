/** nginx itself accepts every right example, and every faulty one after its fixes. */
import { describe, expect, test } from 'vitest';
import { type ExampleFile, exampleFiles, systemFiles } from '../nginx/example-files.ts';
import { fixFiles } from '../nginx/lint/linting.ts';
import { testCertificate } from '../support/certificate.ts';
import { testNginx } from './support/nginx.ts';

/** Paths, users and ports of other machines, replaced by what is there. */
function here(text: string): string {
  return text
    .replace(/(ssl_certificate) [^;]+;/g, '$1 cert.pem;')
    .replace(/(ssl_certificate_key) [^;]+;/g, '$1 key.pem;')
    .replace(/ssl_dhparam [^;]+;/g, '')
    .replace(/(auth_basic_user_file) [^;]+;/g, '$1 htpasswd;')
    .replace('/etc/nginx/mime.types', 'mime.types')
    .replace(/\/var\/cache\/nginx\/?/g, 'cache-')
    .replace(/\/var\/log\/nginx\//g, '')
    .replace(/^user [^;]+;/m, '')
    .replace(/^pid [^;]+;/m, '')
    .replace(/listen \[::\]:\d+[^;]*;/g, '')
    .replace(/listen (?:127\.0\.0\.1:)?(\d+)/g, (_listen, port) => `listen 127.0.0.1:${30_000 + Number(port)}`)
    .replace(/^events/m, 'pid nginx.pid;\nerror_log error.log;\nevents')
    .replace(/^http \{/m, 'http {\n    access_log off;');
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

  const mended = ({ name, text }: ExampleFile) => fixFiles({ [name]: text, ...systemFiles }, {}, 'all').files[name]!;
  test.each(exampleFiles.filter(({ right }) => !right).map((file) => [file.name, file] as const))(
    '%s, mended',
    (_name, file) => {
      expect(verdict(mended(file))).toMatchObject({ accepted: true });
    },
  );
});
