cat >/tmp/threads.py <<'E'
import threading, os, select, signal, sys, time, json.scanner as scanner, mmap
print(sys.version_info[:2], sys.platform, sys.byteorder)
total = 0
lock = threading.Lock()
ready = threading.Condition()
seen = []
def add(n):
    global total
    for i in range(n):
        with lock: total += i
    with ready:
        seen.append(n)
        ready.notify()
threads = [threading.Thread(target=add, args=(n,)) for n in (100, 200, 300)]
for t in threads: t.start()
with ready: print("all came", ready.wait_for(lambda: len(seen) == 3, 5))
for t in threads: t.join()
print("threads", total, threading.active_count())
r, w = os.pipe()
epoll = select.epoll()
epoll.register(r, select.EPOLLIN)
print(epoll.poll(0.01))
timer = threading.Timer(0.01, lambda: os.write(w, b"late"))
timer.start()
print(len(epoll.poll(5)), os.read(r, 9))
timer.join()
pid = os.fork()
if pid == 0: os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
signal.signal(signal.SIGALRM, lambda *a: print("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.05)
m = mmap.mmap(-1, 8192)
if os.fork() == 0:
    m[:5] = b"child"
    os._exit(0)
os.wait()
print(m[:5], 2 ** 100, f"{3.14159:.2f}", sorted({"b": 1, "a": 2}))
print(os.sched_getaffinity(0), os.cpu_count(), os.memfd_create("x") > 0, os.listdir("/proc/self/task") == [str(os.getpid())])
E
python3.13 -S -E -B /tmp/threads.py
