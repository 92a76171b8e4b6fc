"""What the Python client promises where tokens are wanted; ends with 0 if it holds."""

from faultline import Problem, Server


def refused(call, *arguments):
    try:
        call(*arguments)
    except Problem as problem:
        return problem.status, problem.type, problem.member
    raise AssertionError("%s was not refused" % call)


def main():
    server = Server()
    lab = server.lab(frames=64)
    lab.spawn("owned").mmap(4096)
    assert refused(server.find, lab.id) == (401, "no-token", "Authorization")
    viewer = server.find(lab.id, lab.view_token)
    assert viewer.table("vma") == lab.table("vma")
    records = viewer.follow(after=0)
    assert [next(records)["seq"] for _ in range(3)] == [1, 2, 3]
    records.close()
    assert refused(viewer.spawn, "another") == (403, "view-only", "Authorization")
    recording = server.upload(lab.recording())
    assert recording.table("vma") == lab.table("vma")
    recording.delete()
    with viewer.branch(lab.head) as branch:
        branch.spawn("of the viewer's own")
    lab.end()
    print("all as promised")


main()
