cat >/tmp/events.py <<'E'
import asyncio, json
async def child(n):
    await asyncio.sleep(n / 100)
    return n * n
async def main():
    print(await asyncio.gather(*(child(n) for n in range(5))))
    queue = asyncio.Queue()
    async def producer():
        for i in range(3):
            await queue.put(i)
            await asyncio.sleep(0)
        await queue.put(None)
    task = asyncio.create_task(producer())
    while (x := await queue.get()) is not None: print("got", x)
    await task
    try: await asyncio.wait_for(asyncio.sleep(10), 0.05)
    except asyncio.TimeoutError: print("timeout")
    print(await asyncio.to_thread(sum, range(1000)))
    process = await asyncio.create_subprocess_exec("/bin/printf", "hello", stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(), process.returncode)
asyncio.run(main())
print(json.dumps({"a": [1, 2.5, None]}), json.loads('[1, {"x": 2}]'))
import sqlite3
db = sqlite3.connect("/tmp/x.db")
db.execute("create table t(a integer primary key, b text)")
db.executemany("insert into t(b) values (?)", [("row %d" % i,) for i in range(100)])
db.commit()
print(db.execute("select count(*), sum(a), max(b) from t").fetchone())
E
python3.13 -S -E -B /tmp/events.py
