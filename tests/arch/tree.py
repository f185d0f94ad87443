"""The files of the source tree: what git tracks or would track; without git, all but build folders."""
import pathlib
import subprocess

# Top folders that hold C++ of ours: an include path starts with one of them.
OURS = ("common", "workloads", "model", "bench", "sim", "reports", "app", "tests", "rtl")


def paths(root):
    """Relative paths, as text, of every file of the tree."""
    root = pathlib.Path(root)
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=root, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    else:
        listed = [str(path.relative_to(root)) for path in root.rglob("*")
                  if not path.relative_to(root).parts[0].startswith("build")]
    return sorted({path for path in listed if path and (root / path).is_file()
                   and "__pycache__" not in path})


def source_files(root, suffixes):
    """{path: text} of the files that end so."""
    return {path: (pathlib.Path(root) / path).read_text(encoding="utf-8")
            for path in paths(root) if path.endswith(suffixes)}
