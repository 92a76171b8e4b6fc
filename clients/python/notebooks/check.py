"""Runs notebooks without Jupyter and compares what their cells show with what is stored in them.

    FAULTLINE_URL=http://localhost:8080 python3 check.py            # all of this directory
    FAULTLINE_URL=http://localhost:8080 python3 check.py --store    # after a change: stores what they show

A laboratory is deterministic, so that the same cells show the same addresses, frames and sentences anywhere.
"""

import ast
import contextlib
import difflib
import io
import json
import os
import pathlib
import sys


def shown(source, names):
    """What Jupyter shows below a cell: what it prints, and the value of an expression that comes last."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    outputs = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines(printed.getvalue())})
    if value is not None:
        data = {"text/plain": lines(repr(value))}
        if hasattr(value, "_repr_svg_"):
            data = {"image/svg+xml": lines(value._repr_svg_()), **data}
        outputs.append({"data": data, "metadata": {}, "output_type": "execute_result"})
    return outputs


def lines(text):
    return text.splitlines(keepends=True)


def run(notebook):
    """The notebook as it is after all of its cells were run in order."""
    names, count = {"__name__": "__main__"}, 0
    ran = json.loads(json.dumps(notebook))
    for cell in ran["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = shown("".join(cell["source"]), names)
            for output in cell["outputs"]:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = count
    return ran


def written(notebook):
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main():
    here = pathlib.Path(__file__).resolve().parent
    os.chdir(here)
    failures = 0
    for path in sorted(here.glob("*.ipynb")):
        stored = path.read_text(encoding="utf-8")
        ran = written(run(json.loads(stored)))
        if "--store" in sys.argv[1:]:
            path.write_text(ran, encoding="utf-8")
        elif ran != stored:
            failures += 1
            sys.stdout.writelines(difflib.unified_diff(lines(stored), lines(ran), path.name, "as it ran"))
        print(path.name, "stored" if "--store" in sys.argv[1:] else "differs" if ran != stored else "as stored")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
