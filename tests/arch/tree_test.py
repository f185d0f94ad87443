#!/usr/bin/python3
"""What holds for the tree as a whole.

    tree_test.py CHECK SOURCE_DIR      CHECK: one of the functions below, without `check_`
"""
import pathlib
import re
import sys

from tree import paths, source_files

MAX_LINES = 500  # of a C++ or SystemVerilog file; about 100 is usual, few are above 250

# Hosts that a file may name. Builds and tests fetch nothing, so a registry or mirror is none.
HOSTS = {"arxiv.org", "doi.org", "github.com", "json-schema.org", "www.w3.org", "spdx.org"}

# Folders of rtl/ whose SystemVerilog is not part of the design.
NOT_DESIGN = ("rtl/formal/", "rtl/lint/", "rtl/syn/", "rtl/include/")


def check_readmes(root):
    """Every top folder says what it is."""
    listed = paths(root)
    tops = sorted({path.split("/")[0] for path in listed if "/" in path})
    for top in tops:
        if not top.startswith(".") and f"{top}/README.md" not in listed:
            yield f"{top}/: no README.md"


def check_lengths(root):
    """No source file is longer than a person reads in one go."""
    for path, text in source_files(root, (".cpp", ".hpp", ".inc", ".h", ".sv", ".svh")).items():
        lines = text.count("\n") + (not text.endswith("\n"))
        if lines > MAX_LINES:
            yield f"{path}: {lines} lines, at most {MAX_LINES}"


def check_mentions(root):
    """The tree stands alone: no path outside of it, no host that something would be fetched from."""
    outside = re.compile(r"\.\./shared|/work/|/home/\w|/root/")
    host = re.compile(r"(?:https?|ftp|git|ssh)://(?:[^/\s@]*@)?([A-Za-z0-9.-]+)(:\d+)?")
    for path in paths(root):
        if path == "tests/arch/tree_test.py":
            continue
        text = (pathlib.Path(root) / path).read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            for match in outside.finditer(line):
                yield f"{path}:{number}: '{match.group()}' lies outside of the tree"
            for match in host.finditer(line):
                if match.group(1) not in HOSTS or match.group(2):
                    yield f"{path}:{number}: '{match.group()}' is not a host that a file may name"


def check_rtl_list(root):
    """rtl/files.f names every module of the design once, and nothing else."""
    if not (pathlib.Path(root) / "rtl/files.f").exists():
        return
    text = (pathlib.Path(root) / "rtl/files.f").read_text(encoding="utf-8")
    lines = [line.split("//")[0].strip() for line in text.splitlines()]
    named = ["rtl/" + line for line in lines if line and not line.startswith("+")]
    present = [path for path in paths(root)
               if re.match(r"rtl/.*\.sv$", path) and not path.startswith(NOT_DESIGN)]
    for path in sorted(set(present) - set(named)):
        yield f"rtl/files.f: {path} is missing"
    for path in sorted(set(named) - set(present)):
        yield f"rtl/files.f: {path} is named and does not exist"
    for path in sorted({path for path in named if named.count(path) > 1}):
        yield f"rtl/files.f: {path} is named twice"


def main(arguments):
    check = globals()["check_" + arguments[0]]
    if len(paths(arguments[1])) < 100:
        print(f"{arguments[1]}: this is not the whole tree")
        return 1
    wrong = list(check(arguments[1]))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
