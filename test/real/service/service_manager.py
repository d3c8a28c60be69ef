"""A service manager with one service: opens its socket, starts it, and prints what it is told (sd_notify(3), sd_listen_fds(3))."""
import json, os, socket, sys, tempfile

watchdog, *command = sys.argv[1:]
folder = tempfile.mkdtemp(prefix="holdline-manager-")
news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
news.bind(folder + "/notify")
public = socket.create_server(("127.0.0.1", 0))


def say(**what):
    print(json.dumps(what), flush=True)


def start():
    me = str(os.getpid())
    os.dup2(public.fileno(), 3, inheritable=True)
    os.environ.update(
        NOTIFY_SOCKET=folder + "/notify", WATCHDOG_USEC=watchdog, WATCHDOG_PID=me,
        LISTEN_FDS="1", LISTEN_PID=me, LISTEN_FDNAMES="web",
    )
    os.dup2(2, 1)
    os.execvp(command[0], command)


pid = os.fork()
if pid == 0:
    start()
say(port=public.getsockname()[1], pid=pid)
news.settimeout(0.1)
while True:
    try:
        text = news.recv(4096).decode()
        say(told=dict(line.split("=", 1) for line in text.splitlines()))
    except TimeoutError:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended == pid:
            say(exit=os.waitstatus_to_exitcode(status))
            break
os.unlink(folder + "/notify")
os.rmdir(folder)
