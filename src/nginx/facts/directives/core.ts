/** The core, events and file-wide modules. facts-table.ts says how a row reads. */

export const coreDirectives = {
  conf: `
include MEHSLUslx 1 any adds none
`,
  core: `
daemon M 1 flag none = on
debug_points M 1 enum(stop,abort) none
env M 1 any adds none = TZ
load_module M 1 any adds none
lock_file M 1 any none = logs/nginx.lock
master_process M 1 flag none = on
pid M 1 any none = logs/nginx.pid
timer_resolution M 1 time none
user M 1-2 any none = nobody nobody
worker_cpu_affinity M 1+ any none
worker_priority M 1 any none = 0
worker_processes M 1 any none = 1
worker_rlimit_core M 1 offset none
worker_rlimit_nofile M 1 number none
worker_shutdown_timeout M 1 time none since 1.11.11
working_directory M 1 any none
`,
  errlog: `
error_log M 1+ any adds none = logs/error.log error
`,
  events: `
events M 0{ any none
`,
  event_core: `
accept_mutex E 1 flag none until 1.11.3 = on
accept_mutex E 1 flag none since 1.11.3 = off
accept_mutex_delay E 1 time none = 500ms
debug_connection E 1 any adds none
multi_accept E 1 flag none = off
use E 1 any none
worker_connections E 1 any none = 512
`,
  epoll: `
epoll_events E 1 number none = 512
worker_aio_requests E 1 number none = 32
`,
  openssl: `
ssl_engine M 1 any none
ssl_object_cache_inheritable M 1 flag none since 1.27.4 = on
`,
  regex: `
pcre_jit M 1 flag none = off
`,
  thread_pool: `
thread_pool M 2-3 any adds none = default threads=32 max_queue=65536
`,
  quic_bpf: `
quic_bpf M 1 flag none since 1.25.0 = off
`,
  google_perftools: `
google_perftools_profiles M 1 any none
`,
  http: `
http M 0{ any none
`,
  stream: `
stream M 0{ any none
`,
  mail: `
mail M 0{ any none
`,
} as const;
