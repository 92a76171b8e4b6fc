"""Faultline from Python: one file, nothing but the standard library, Python 3.9 or newer.

    from faultline import Server

    with Server().lab(frames=256) as lab:
        parent = lab.spawn("demo")
        page = parent.mmap(4096)
        print(parent.write(page, "hello").story)
        child = parent.fork()
        child.write(page, "HELLO")
        print(parent.read(page, 5), child.read(page, 5))
        for change in lab.changes(table="frame"):
            print(change["op"], change["key"], change.get("after"))

Three things can go wrong, each with an exception of its own: the server refuses a request (Problem: an unknown
laboratory, a limit, a bad member), the simulated kernel refuses a call or sends a signal (Failed), and the
server cannot be reached (OSError, as everywhere in Python).
"""

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

__all__ = ["Server", "Lab", "Process", "Recording", "Outcome", "Problem", "Failed", "State"]

PAGE = 4096


class Problem(Exception):
    """The server refused a request: RFC 9457 problem details.

    `type` names the rule ("unknown-lab"), `member` what was at fault in the request; `members` has everything
    that the server said, as `completed` of a script that could not go on.
    """

    def __init__(self, status, members):
        self.status = status
        self.members = members
        self.type = str(members.get("type", "about:blank")).rsplit("/", 1)[-1]
        self.title = members.get("title", "")
        self.detail = members.get("detail", "")
        self.member = members.get("member")
        super().__init__("%s: %s" % (self.title or status, self.detail))


class Failed(Exception):
    """A command ended with an errno or a signal; `outcome` tells which and why."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.errno = outcome.errno
        self.signal = outcome.signal
        how = outcome.errno or "%(name)s (%(code)s) at %(address)s" % outcome.signal
        super().__init__("%s: %s" % (how, outcome.why or outcome.story))


class Outcome:
    """What a command came to, and its story in a sentence."""

    def __init__(self, members):
        self.command = members["command"]
        self.result = members["result"]
        self.errno = members["errno"]
        self.signal = members["signal"]
        self.why = members["why"]
        self.first_seq = members["firstSeq"]
        self.last_seq = members["lastSeq"]
        self.story = members["story"]

    @property
    def ok(self):
        return self.errno is None and self.signal is None

    def check(self):
        """This outcome if all went well, else Failed."""
        if not self.ok:
            raise Failed(self)
        return self

    def __repr__(self):
        return "<Outcome %s>" % self.story


class Server:
    """A Faultline server. `token` is what its operator or a laboratory's owner handed out."""

    def __init__(self, url=None, token=None, timeout=60):
        self.url = (url or os.environ.get("FAULTLINE_URL") or "http://localhost:8080").rstrip("/")
        self.token = token
        self.timeout = timeout

    def lab(self, **settings):
        """Opens a laboratory; settings as in POST /api/v1/labs (frames=256, privateFile="eager" ...)."""
        opened = self.json("POST", "/labs", settings)
        return Lab(self._with(opened.get("token")), opened["id"], opened.get("viewToken"))

    def find(self, id, token=None):
        """A laboratory that is open already."""
        lab = Lab(self._with(token), id)
        lab.info()
        return lab

    def labs(self):
        """What the server tells of each laboratory that the token may see."""
        return list(self._pages("/labs"))

    def limits(self):
        return self.json("GET", "/limits")

    def scenarios(self):
        return self.json("GET", "/scenarios")

    def upload(self, recording):
        """Uploads a recording: its bytes, or the path of its file."""
        data = recording
        if not isinstance(recording, (bytes, bytearray)):
            with open(recording, "rb") as file:
                data = file.read()
        kept = json.loads(self.send("POST", "/recordings", data, "application/octet-stream"))
        return Recording(self._with(kept.get("token")), kept["id"])

    def recordings(self):
        return [Recording(self, kept["id"]) for kept in self._pages("/recordings")]

    def diff(self, left, right, left_at=None, right_at=None):
        """How two laboratories or recordings differ, at moments or at their ends."""
        return self.json(
            "GET", "/diff" + query(left=left.place[1:], right=right.place[1:], leftAt=left_at, rightAt=right_at)
        )

    def _with(self, token):
        return self if token is None else Server(self.url, token, self.timeout)

    def _pages(self, path):
        """A list's elements, page after page."""
        while path:
            with self.open("GET", path) as response:
                link = response.headers.get("Link", "")
                yield from json.load(response)
            path = link[link.index("/api/v1") + 7 : link.index(">")] if 'rel="next"' in link else None

    def json(self, method, path, body=None, **headers):
        """One call of the API below /api/v1, JSON in and out."""
        data = None if body is None else json.dumps(body).encode()
        answer = self.send(method, path, data, "application/json", **headers)
        return json.loads(answer) if answer else None

    def send(self, method, path, data=None, content_type=None, **headers):
        with self.open(method, path, data, content_type, **headers) as response:
            return response.read()

    def open(self, method, path, data=None, content_type=None, **headers):
        """A call whose answer is read as it comes. Raises Problem for what the server refuses."""
        request = urllib.request.Request(self.url + "/api/v1" + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", content_type or "application/octet-stream")
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        for name, value in headers.items():
            if value is not None:
                request.add_header(name.replace("_", "-"), str(value))
        try:
            return urllib.request.urlopen(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            try:
                members = json.loads(text)
            except ValueError:
                members = {"title": error.reason, "detail": text.decode(errors="replace")}
            raise Problem(error.code, members) from None


class History:
    """What laboratories and recordings have in common: a log that can be read at any moment."""

    def __init__(self, server, place):
        self.server = server
        self.place = place

    def table(self, name, at=None, **columns):
        """The rows of a table now or at a moment; columns choose among them: table("pte", pid=1)."""
        return self.server.json("GET", self.place + "/tables/" + quote(name) + query(at=at, **columns))["rows"]

    def changes(self, after=0, until=None, table=None):
        """Every record after a moment, in order, as far as the log reaches now; of one table if it is named."""
        while True:
            page = self.server.json("GET", self.place + "/changes" + query(after=after, limit=10000))
            for record in page["changes"]:
                if until is not None and record["seq"] > until:
                    return
                if table is None or record.get("table") == table:
                    yield record
            after = page["last"]
            if after >= page["head"]:
                return

    def state(self, at=None):
        """All tables, folded from the log."""
        state = State()
        for record in self.changes(until=at):
            state.apply(record)
        return state

    def why(self, table, key, column=None, at=None):
        """The change that last set a row or a column, with what lies behind it."""
        return self.server.json("GET", self.place + "/why" + query(table=table, key=key, column=column, at=at))

    def frame_bytes(self, ppn, at=None):
        return self.server.send("GET", "%s/frames/%s/bytes%s" % (self.place, quote(str(ppn)), query(at=at)))


class Lab(History):
    """A laboratory. As a context manager it ends with the block."""

    def __init__(self, server, id, view_token=None):
        super().__init__(server, "/labs/" + quote(id))
        self.id = id
        self.view_token = view_token

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()

    def info(self):
        return self.server.json("GET", self.place)

    @property
    def head(self):
        """The last moment of its log."""
        return self.info()["head"]

    def end(self):
        self.server.send("DELETE", self.place)

    def branch(self, at=None, name=None):
        """A laboratory that goes on from the end of a command of this one (`last_seq`), or from now."""
        settings = {"from": {"lab": self.id, "seq": self.head if at is None else at}}
        if name is not None:
            settings["name"] = name
        return self.server.lab(**settings)

    def script(self, commands, stop_on_error=False, dry_run=False, key=None, if_head=None):
        """Runs commands with nobody else's between them; their outcomes, errnos and signals included.

        stop_on_error ends at the first errno or signal, dry_run tries it all in a copy that is thrown away, a
        key makes it safe to repeat the call, and if_head acts only while the log ends there.
        """
        outcomes = self.server.json(
            "POST",
            self.place + "/commands" + query(stopOnError=stop_on_error, dryRun=dry_run),
            list(commands),
            Idempotency_Key=key,
            If_Match=None if if_head is None else '"%d"' % if_head,
        )
        return [Outcome(outcome) for outcome in outcomes]

    def do(self, verb, **members):
        """One command as the API has it; its outcome, whatever it is."""
        command = {"do": verb}
        command.update((name, value) for name, value in members.items() if value is not None)
        return Outcome(self.server.json("POST", self.place + "/commands", command))

    def spawn(self, name=None):
        """A process without a program, for commands to act in."""
        return Process(self, self.do("spawn", name=name).check().result["pid"])

    def exec(self, path, argv=None, env=None, cwd=None):
        """A process with a program, which does not run yet."""
        return Process(self, self.do("exec", path=path, argv=argv, env=env, cwd=cwd).check().result["pid"])

    def run(self, instructions=None, until=None):
        """Lets all processes run; how they stopped."""
        return self.do("run", instructions=instructions, until=until).check().result

    def process(self, pid):
        return Process(self, pid)

    def files(self):
        return list(self.server._pages(self.place + "/files"))

    def put(self, path, data, mode=None):
        """Puts a file: bytes, or text for UTF-8. `mode` as in 0o755."""
        data = data.encode() if isinstance(data, str) else data
        mode = None if mode is None else "%04o" % mode
        return Outcome(json.loads(self.server.send("PUT", self._file(path) + query(mode=mode), data))).check()

    def get(self, path):
        return self.server.send("GET", self._file(path))

    def delete(self, path):
        return Outcome(self.server.json("DELETE", self._file(path))).check()

    def unpack(self, name, data):
        """Unpacks an archive; its name tells the kind (.deb, .tar, .tar.gz, .tar.xz)."""
        answer = self.server.send("PUT", self.place + "/archives" + query(name=name), data)
        return Outcome(json.loads(answer)).check()

    def _file(self, path):
        return self.place + "/files/" + quote(path.lstrip("/"), safe="/")

    def frame(self, ppn):
        return self.server.json("GET", "%s/frames/%s" % (self.place, quote(str(ppn))))

    def audit(self):
        """A full recount of references and tables; `holds` is what one hopes for."""
        return self.server.json("GET", self.place + "/audit")

    def recording(self, path=None):
        """The recording so far: its bytes, or a file of that path."""
        data = self.server.send("GET", self.place + "/recording")
        if path is None:
            return data
        with open(path, "wb") as file:
            file.write(data)
        return path

    def follow(self, after=None, tables=None, rate=None, patience=30):
        """The log, live: record after record, for as long as the laboratory lives.

        A connection that breaks is taken up again where it broke, for `patience` seconds at a time. Where the
        server no longer has what comes next, a record of type "snapshot" has the rows to go on from and says what
        was skipped. State.apply takes both.
        """
        seen, failing_since = self.head if after is None else after, None
        where = self.place + "/events" + query(tables=",".join(tables) if tables else None, rate=rate)
        while True:
            try:
                with self.server.open("GET", where, Accept="text/event-stream", Last_Event_ID=seen) as stream:
                    for name, id, data in events(stream):
                        failing_since = None
                        record = json.loads(data)
                        if name == "end":
                            if not record["canResume"]:
                                return
                            break
                        seen = seen if id is None else id
                        yield record
            except Problem as problem:
                if problem.status not in (429, 502, 503):
                    raise
            except (http.client.HTTPException, OSError):
                pass
            failing_since = failing_since or time.monotonic()
            if time.monotonic() - failing_since > patience:
                raise ConnectionError("the stream of %s has been lost for %s seconds" % (self.id, patience))
            time.sleep(0.2)


class Process:
    """A process of a laboratory. Calls that fail raise Failed; `do` gives the outcome instead."""

    def __init__(self, lab, pid):
        self.lab = lab
        self.pid = pid

    def __repr__(self):
        return "<Process %d>" % self.pid

    def do(self, verb, **members):
        return self.lab.do(verb, pid=self.pid, **members)

    def call(self, verb, **members):
        """The result of a command that has to succeed; addresses as numbers."""
        result = self.do(verb, **members).check().result
        return int(result, 16) if isinstance(result, str) and result.startswith("0x") else result

    def open(self, path, flags="RDONLY", mode=None):
        return self.call("open", path=path, flags=words(flags), mode=mode)

    def close(self, fd):
        return self.call("close", fd=fd)

    def mmap(self, length, prot="READ WRITE", flags=None, fd=None, offset=0, address=None):
        """Maps memory: private, and anonymous unless a descriptor is given. Flags as words: "SHARED FIXED"."""
        flags = words(flags) if flags else ["PRIVATE"] + ([] if fd is not None else ["ANONYMOUS"])
        return self.call("mmap", length=length, prot=words(prot), flags=flags, fd=fd, offset=offset, address=address)

    def munmap(self, address, length=PAGE):
        return self.call("munmap", address=address, length=length)

    def mprotect(self, address, length=PAGE, prot="READ"):
        return self.call("mprotect", address=address, length=length, prot=words(prot))

    def read(self, address, length):
        """Real loads by the hart; the bytes."""
        return bytes.fromhex(self.call("read", address=address, length=length)["hex"])

    def write(self, address, data):
        """Real stores by the hart, of bytes or text; the outcome, with its story."""
        data = data.encode() if isinstance(data, str) else bytes(data)
        return self.do("write", address=address, data={"hex": data.hex()}).check()

    def fork(self):
        return Process(self.lab, self.do("fork").check().result["pid"])

    def exit(self, status=0):
        return self.do("exit", status=status).check()

    def run(self, instructions=None, until=None):
        return self.call("run", instructions=instructions, until=until)

    def step(self, count=1):
        return self.call("step", count=count)

    def input(self, data, end=False):
        data = data.encode() if isinstance(data, str) else data
        return self.do("input", data={"hex": data.hex()}, end=end).check()

    def text(self, name):
        """What Linux would print: maps, smaps, smaps_rollup, pagemap, strace, stdout or stderr."""
        return self._get(name).decode(errors="replace")

    def maps(self):
        return self.text("maps")

    def stdout(self):
        return self._get("stdout")

    def rollup(self):
        """The sums of smaps_rollup in kB by name: Rss, Pss, Private_Dirty ..."""
        pairs = (line.split(":") for line in self.text("smaps_rollup").splitlines() if line.endswith("kB"))
        return {name: int(size.split()[0]) for name, size in pairs}

    def translate(self, address, access="load"):
        """Each step of the walk, without side effects."""
        return json.loads(self._get("translate" + query(address=address, access=access)))

    def _get(self, what):
        return self.lab.server.send("GET", "%s/processes/%d/%s" % (self.lab.place, self.pid, what))


class Recording(History):
    """A recording that was uploaded."""

    def __init__(self, server, id):
        super().__init__(server, "/recordings/" + quote(id))
        self.id = id

    def info(self):
        return self.server.json("GET", self.place)

    def file(self):
        return self.server.send("GET", self.place + "/file")

    def branch(self, at, name=None):
        """A laboratory that goes on from the end of a command."""
        settings = {"from": {"recording": self.id, "seq": at}}
        if name is not None:
            settings["name"] = name
        return self.server.lab(**settings)

    def delete(self):
        self.server.send("DELETE", self.place)


class State:
    """Tables folded from records: `rows("pte")` is what table("pte") of the server answers at `seq`."""

    KEY_OF_TWO = ("cached_page", "descriptor")

    def __init__(self):
        self.seq = 0
        self.tables = {}

    def apply(self, record):
        if record["type"] == "snapshot":
            self.seq = record["at"]
            for table, rows in record["tables"].items():
                self.tables[table] = {self.key(table, row): row for row in rows}
            return
        self.seq = record["seq"]
        if record["type"] == "change":
            rows = self.tables.setdefault(record["table"], {})
            key = number(record["key"])
            # An entry that comes back from swap has `ppn` where it had `slot`: columns before go, columns after come.
            row = {name: cell for name, cell in rows.pop(key, {}).items() if name not in record.get("before", {})}
            if record["op"] != "delete":
                rows[key] = {**row, **record["after"]}

    def rows(self, table):
        return [row for _, row in sorted(self.tables.get(table, {}).items())]

    def key(self, table, row):
        cells = [number(cell) for cell in list(row.values())[:2]]
        return cells[0] << 32 | cells[1] if table in self.KEY_OF_TWO else cells[0]


def events(stream):
    """Server-sent events as (name, id, data)."""
    name, id, data = "message", None, []
    for line in stream:
        line = line.decode().rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if not line:
            if data:
                yield name, id, "\n".join(data)
            name, id, data = "message", None, []
        elif field == "event":
            name = value
        elif field == "id":
            id = int(value)
        elif field == "data":
            data.append(value)


def number(cell):
    return int(cell, 16) if isinstance(cell, str) and cell.startswith("0x") else cell


def words(flags):
    return flags.split() if isinstance(flags, str) else list(flags)


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe)


def query(**parameters):
    pairs = [
        (name, str(value).lower() if isinstance(value, bool) else value)
        for name, value in parameters.items()
        if value is not None
    ]
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""
