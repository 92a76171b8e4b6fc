"""What the Python client promises, against the server whose address is given; ends with 0 if it holds."""

import os
import sys
import tempfile

from faultline import Failed, Lab, Problem, Server, State

TABLES = ("process", "vma", "pte", "frame", "file", "cached_page", "descriptor", "tlb", "hart")


def refused(call, *arguments, **members):
    try:
        call(*arguments, **members)
    except (Problem, Failed) as refusal:
        return refusal
    raise AssertionError("%s was not refused" % call)


def labs_and_files(server):
    with server.lab(name="„check“", frames=128) as lab:
        assert lab.info()["name"] == "„check“"
        assert lab.id in [info["id"] for info in server.labs()]
        lab.put("/data/a file", "letters", mode=0o755)
        assert lab.get("/data/a file") == b"letters"
        assert [(file["path"], file["mode"]) for file in lab.files()] == [("/data/a file", "0755")]
        lab.delete("/data/a file")
        assert lab.files() == []
        assert len(server.limits()) > 5
    problem = refused(lab.info)
    assert (problem.status, problem.type, problem.member) == (404, "unknown-lab", "lab"), problem
    assert problem.title and lab.id in problem.detail


def commands(lab):
    lab.put("/data/letters", "letters")
    parent = lab.spawn("parent")
    mapped = parent.mmap(4096, "READ", "SHARED", fd=parent.open("/data/letters", "RDWR"))
    assert parent.read(mapped, 7) == b"letters"
    page = parent.mmap(8192)
    parent.write(page, "parent")
    child = parent.fork()
    copied = child.write(page, b"child!")
    assert "copy-on-write" in copied.story
    assert (parent.read(page, 6), child.read(page, 6)) == (b"parent", b"child!")
    assert "/data/letters" in parent.maps()
    assert parent.rollup()["Rss"] == 8
    assert child.translate(page, "store")["fault"] is None
    assert lab.why("frame", child.translate(page)["ppn"])["story"] == copied.story
    assert refused(parent.write, 0, "x").signal["code"] == "SEGV_MAPERR"
    assert refused(parent.mmap, 0).errno == "EINVAL"
    assert lab.audit()["holds"]
    return parent, page, copied


def scripts(lab):
    head = lab.head
    script = [{"do": "spawn"}, {"do": "read", "pid": 1, "address": 0, "length": 1}, {"do": "spawn"}]
    assert [outcome.ok for outcome in lab.script(script, dry_run=True)] == [True, False, True]
    assert lab.head == head
    once = dict(stop_on_error=True, key="once-" + lab.id, if_head=head)
    first = lab.script(script, **once)
    assert [outcome.ok for outcome in first] == [True, False]
    after = lab.head
    assert [outcome.story for outcome in lab.script(script, **once)] == [outcome.story for outcome in first]
    assert lab.head == after
    assert refused(lab.script, script, if_head=head).type == "head-moved"
    problem = refused(lab.do, "mmap", pid=1)
    assert (problem.type, problem.member) == ("bad-command", "length")


def histories(server, lab, copied, page):
    state = State()
    for record in lab.changes():
        assert record["seq"] == state.seq + 1
        state.apply(record)
        if state.seq == copied.last_seq:
            for table in TABLES:
                assert state.rows(table) == lab.table(table, at=state.seq), table
    assert state.seq == lab.head
    assert lab.table("pte", pid=2) == [row for row in state.rows("pte") if row["pid"] == 2]
    with tempfile.TemporaryDirectory() as folder:
        recording = server.upload(lab.recording(os.path.join(folder, "a.faultline")))
    assert recording.table("frame") == lab.table("frame")
    assert recording.id in [kept.id for kept in server.recordings()]
    assert server.diff(lab, recording)["same"]
    with recording.branch(copied.last_seq) as branch:
        assert branch.process(2).read(page, 6) == b"child!"
    assert recording.file() == server.upload(recording.file()).file()
    for kept in server.recordings():
        kept.delete()


def live(lab, through, parent, page):
    """The stream is read through a proxy that breaks it again and again."""
    state, records = State(), Lab(Server(through), lab.id).follow(after=0)
    for turn in range(12):
        for _ in range(20):
            parent.write(page, "turn %d" % turn)
            parent.munmap(page + 4096)
            parent.mmap(4096, flags="PRIVATE ANONYMOUS FIXED", address=page + 4096)
            head = parent.write(page + 4096, "x").last_seq
        while state.seq < head:
            record = next(records)
            assert record["seq"] == state.seq + 1, (record, state.seq)
            state.apply(record)
        for table in TABLES:
            assert state.rows(table) == lab.table(table, at=head), table
    lab.end()
    assert next((record for record in records if record["seq"] <= state.seq), None) is None


def main():
    server = Server(sys.argv[1])
    labs_and_files(server)
    lab = server.lab(frames=128)
    parent, page, copied = commands(lab)
    scripts(lab)
    histories(server, lab, copied, page)
    live(lab, sys.argv[2] if len(sys.argv) > 2 else server.url, parent, page)
    print("all as promised")


main()
