/**
 * Files that come with nginx (conf/ of its source) and that a checkout of a site's configuration usually leaves out.
 * They hold types, parameters of other protocols and character sets: nothing that changes what becomes of a WebSocket.
 */
const stockFiles = new Set([
  'mime.types',
  'fastcgi_params',
  'fastcgi.conf',
  'uwsgi_params',
  'scgi_params',
  'koi-utf',
  'koi-win',
  'win-utf',
]);

export function isStockFile(path: string): boolean {
  return stockFiles.has(path.slice(path.lastIndexOf('/') + 1));
}
