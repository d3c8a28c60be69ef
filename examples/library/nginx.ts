// Lints a text, mends it, and asks what a location really gets and why.
import { effective, explain, fix, handshakeHeaders, lint } from 'holdline/nginx';

const text = `events {}
http {
  server {
    listen 80;
    location /ws/ {
      proxy_pass http://127.0.0.1:9000;
    }
  }
}
`;

for (const { code, message, where } of lint(text).diagnostics) {
  const at = where?.range?.start;
  console.log(`${at?.line}:${at?.column} ${code} ${message}`);
}

const { changed, applied } = fix(text, { which: 'all' });
console.log(applied.map(({ title }) => title).join('\n'));
const mended = changed[0]?.text ?? text;

const model = effective(mended);
for (const location of model.locations) {
  const headers = handshakeHeaders(model, location, 'websocket');
  console.log(location.pattern, 'sends', JSON.stringify(headers));
}
console.log(explain('proxy_read_timeout').found[0]?.headline);
