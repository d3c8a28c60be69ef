import type { Claim } from '../claim.ts';

export const workerClaims: readonly Claim[] = [
  {
    number: 10,
    advice: 'Put worker_processes auto into the events block.',
    verdict: 'half',
    short: 'auto is right, the place is wrong.',
    mechanism:
      'worker_processes belongs at the top of nginx.conf; in events nginx refuses to start. auto counts the processors that are online, not those that a container’s quota allows.',
    evidence: 'nginx -t: "worker_processes" directive is not allowed here.',
    instead: 'worker_processes at the top, as a number in containers.',
    words: ['worker_processes', 'auto'],
    tested: true,
  },
  {
    number: 11,
    advice: 'Raise worker_rlimit_nofile.',
    verdict: 'right',
    short: 'At least worker_connections + 64, and LimitNOFILE above it.',
    mechanism:
      'A WebSocket takes two descriptors. Above the hard limit of the process nginx logs an alert, keeps the old limit and goes on; later clients get a 500, or wait unanswered.',
    evidence:
      'With too few descriptors: `socket() failed (24: Too many open files)` and 500. worker_rlimit_nofile above the hard limit without the privilege: `setrlimit(RLIMIT_NOFILE) failed (1: Operation not permitted)`, and nginx ran.',
    instead: 'worker_rlimit_nofile from the plan, LimitNOFILE in the unit file at least as high.',
    words: ['worker_rlimit_nofile', 'limitnofile', 'ulimit', 'too many open files', 'descriptors'],
    tested: true,
  },
  {
    number: 12,
    advice: 'Ports below 1024 need root; use setcap.',
    verdict: 'right',
    short: 'setcap works; so do ambient capabilities and a sysctl.',
    mechanism:
      'The kernel asks for CAP_NET_BIND_SERVICE below net.ipv4.ip_unprivileged_port_start. Started as root, nginx binds before its workers give up root.',
    evidence:
      'A master that was not root bound port 80 with the capability, served and reloaded; without it: bind() failed (13: Permission denied). A package upgrade removes what setcap did.',
    instead: 'AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit file.',
    words: ['setcap', 'port 80', 'permission denied', 'ip_unprivileged_port_start'],
    tested: false,
  },
  {
    number: 15,
    advice: 'worker_connections 1024 is enough to start.',
    verdict: 'half',
    short: 'That is 510 WebSockets on each worker.',
    mechanism:
      'Each takes two slots, one to the client and one to the server; the listening sockets and the channel to the master take one each. A full worker does not ask the others.',
    evidence:
      'worker_connections 64 with two listening sockets held 30, the 31st got a 500; 65 held 31. Further clients are accepted and closed without a byte, and no access log tells.',
    instead: 'holdline plan: twice the connections of the fullest worker, some beside, a sixteenth free.',
    words: ['worker_connections', '512', '768', '1024', 'worker_connections are not enough'],
    tested: true,
  },
  {
    number: 16,
    advice: 'One core and 8 GB: one worker and 1,000 to 1,024 connections.',
    verdict: 'half',
    short: 'One worker is right; the machine carries twenty times as many and more.',
    mechanism:
      'A plain WebSocket takes 18.2 kB in nginx and 9.2 kB in the kernel, with TLS 47 kB at most: 10,000 of them are 274 MB, or 467 MB with TLS and ssl_buffer_size 4k. Ports and messages run out before the memory does.',
    evidence: 'Measured on nginx 1.22.1 over 2,500 to 5,000 connections; the slots themselves are 432 bytes each.',
    instead: 'holdline plan --cores 1 --memory 8g --connections 20000.',
    words: ['8 gb', 'one core', 'memory', 'capacity'],
    tested: false,
  },
  {
    number: 17,
    advice: 'Set use epoll; nginx has three event models.',
    verdict: 'no-effect',
    short: 'Linux gets epoll by itself, and there are six methods.',
    mechanism:
      'Without use nginx takes the best method that the system has. The methods: select, poll, kqueue, epoll, /dev/poll, eventport.',
    evidence: 'The start log without use: using the "epoll" event method.',
    instead: 'Leave it out.',
    words: ['use', 'epoll', 'use epoll', 'event model'],
    tested: true,
  },
  {
    number: 18,
    advice: 'multi_accept on for concurrency.',
    verdict: 'harmful',
    short: 'With several workers it piles connections on one.',
    mechanism:
      'The worker that wakes takes every waiting client. WebSockets never move to another worker afterwards, and worker_connections is per worker, so one is full while others are empty.',
    evidence:
      '2,000 WebSockets over four workers: 479/480/490/543 by default, 8/67/193/1724 with multi_accept on, 0/0/0/2000 with accept_mutex on, 492/493/501/514 with reuseport.',
    instead: 'The default from 1.21.6 on; listen … reuseport below.',
    words: ['multi_accept', 'accept_mutex', 'reuseport'],
    tested: false,
  },
  {
    number: 22,
    advice: 'Add upstream servers for more concurrency.',
    verdict: 'right',
    short: 'It also lifts the limit of ports, and moves no live connection.',
    mechanism:
      'A local port is taken once for each pair of local address and server address, for a minute after the close as well. Load balancing decides at the handshake only.',
    evidence:
      '28,232 connections for one pair in the kernel’s default range. With 20 ports: 20 connections to one server, 40 to two, 40 with two proxy_bind addresses, no limit with unix sockets. The 21st: Cannot assign requested address, 502.',
    instead:
      'More server addresses, proxy_bind with split_clients, or unix sockets; least_conn with zone for new connections.',
    words: ['upstream', 'proxy_bind', 'ephemeral ports', 'cannot assign requested address', 'least_conn', 'zone'],
    tested: true,
  },
  {
    number: 27,
    advice: 'Watch connections, processor and memory; adjust worker_connections and servers.',
    verdict: 'half',
    short: 'Yes, knowing that the counters leak after a crash and that every change is a reload.',
    mechanism:
      'stub_status counts an upgraded connection as active and as writing. A killed worker’s counts stay. worker_connections changes with a reload, which keeps the old workers and their memory, or cuts their sockets all at once.',
    evidence:
      'After kill -9 of a worker with 50 WebSockets the counters stayed at 51. Four reloads with 300 each left four old workers alive. With worker_shutdown_timeout 300 sockets ended within 25 ms.',
    instead:
      'Count sockets in the kernel (ss) beside stub_status; set worker_shutdown_timeout before it is needed: old workers keep the value they started with.',
    words: ['stub_status', 'worker_shutdown_timeout', 'reload', 'monitoring', 'writing'],
    tested: true,
  },
  {
    number: 25,
    advice: 'Manage WebSocket connections with ngx_stream_lua_module.',
    verdict: 'wrong',
    short: 'The stream module sees raw TCP: no headers, no frames.',
    mechanism:
      'The http Lua module sees the handshake (rewrite, access), the choice of server (balancer) and the close (log). Neither sees frames, and neither can close an upgraded connection.',
    evidence:
      'With lua-nginx-module 0.10.23, ten WebSockets: rewrite, access, balancer, header filter and log ran once each; the body filter never saw a payload.',
    instead:
      'http Lua for admission and choice of server; the built-in edge where connections have to be closed or counted.',
    words: ['lua', 'ngx_stream_lua_module', 'openresty', 'njs', 'balancer_by_lua'],
    tested: false,
  },
  {
    number: 26,
    advice: 'Keep the set of connections in a Lua global, a table or a shared dict.',
    verdict: 'half',
    short: 'A global is per worker; a shared dict works, with holes after a kill.',
    mechanism:
      'Every worker has its own Lua state. lua_shared_dict is shared by workers and survives a reload, unless its size changes. After kill -9 or nginx -s stop no log phase runs, so nothing is subtracted.',
    evidence:
      'Counting up in access and down in log stayed right over reloads; after kill -9 six dead connections stayed in the count.',
    instead: 'A shared dict with expiry, reconciled with stub_status or ss.',
    words: ['lua_shared_dict', 'shared dict', 'lua global'],
    tested: false,
  },
];
