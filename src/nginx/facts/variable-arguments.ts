/** Which arguments of which directives nginx expands variables in; only there is a `$` more than a letter. */

/** The arguments from this position on; `[first]` for that one only. */
type Positions = number | readonly [only: number];

export function expandsVariables(name: string, index: number, args: readonly string[]): boolean {
  if (name === 'if') return index === 0 || args[index]!.startsWith('$') || isCompared(args, index);
  const positions = Object.hasOwn(positionsOf, name) ? positionsOf[name]! : null;
  if (positions === null) return false;
  return typeof positions === 'number' ? index >= positions : index === positions[0];
}

/** The right side of `=` and `!=` is expanded, that of `~` is a regular expression. */
function isCompared(args: readonly string[], index: number): boolean {
  return index > 0 && /^!?=$/.test(args[index - 1]!);
}

const positionsOf: Record<string, Positions> = {
  return: 0,
  set: [1],
  rewrite: [1],
  map: [0],
  split_clients: [0],
  proxy_pass: 0,
  proxy_set_header: 0,
  proxy_set_body: 0,
  proxy_method: 0,
  proxy_bind: [0],
  proxy_cache: 0,
  proxy_cache_key: 0,
  proxy_cache_bypass: 0,
  proxy_no_cache: 0,
  proxy_ssl_name: 0,
  proxy_store: 0,
  add_header: [1],
  add_trailer: [1],
  root: 0,
  alias: 0,
  try_files: 0,
  access_log: [0],
  log_format: 1,
  auth_basic: 0,
  auth_basic_user_file: 0,
  auth_request_set: [1],
  limit_conn_zone: [0],
  limit_req_zone: [0],
  limit_rate: 0,
  limit_rate_after: 0,
  hash: [0],
  index: 0,
  expires: 0,
  sub_filter: 0,
  grpc_pass: 0,
  grpc_set_header: 0,
  fastcgi_pass: 0,
  fastcgi_param: [1],
  fastcgi_cache_key: 0,
  uwsgi_pass: 0,
  uwsgi_param: [1],
  scgi_pass: 0,
  scgi_param: [1],
  memcached_pass: 0,
  secure_link: 0,
  secure_link_md5: 0,
  error_page: 1,
};
