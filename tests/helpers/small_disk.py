"""Commands that see a full or a read-only disk: mounts of their own, which end with them.

Root is not needed where the system lets a user have a namespace.
"""

import functools
import subprocess

import pytest

_FULL = (
    'folder=$1; mount -t tmpfs -o size="$2" none "$folder" || exit 99; shift 2; '
    # A page is taken from the start: on a disk of one page nothing has room.
    'head -c 4096 /dev/zero > "$folder/taken"; '
    '"$@"; status=$?; echo "LEFT:"; find "$folder" -type f ! -name taken; exit $status'
)
_READ_ONLY = (
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99; shift; '
    '"$@"; status=$?; echo "LEFT:"; exit $status'
)


@functools.cache
def _namespace():
    """Return the command that gives another one mounts of its own, or nothing if there is no such here."""
    for user in ([], ["--user", "--map-root-user"]):
        command = ["unshare", *user, "--mount"]
        trial = [*command, "sh", "-c", "mount -t tmpfs -o size=4k none /mnt"]
        try:
            if subprocess.run(trial, capture_output=True).returncode == 0:
                return command
        except FileNotFoundError:
            break
    return []


def _run(project, script, *arguments):
    namespace = _namespace()
    if not namespace:
        pytest.skip("no mounts of one's own here: it needs Linux, and root or user namespaces")
    ended = subprocess.run(
        [*namespace, "sh", "-c", script, "sh", *map(str, arguments)],
        cwd=project.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ended.returncode != 99, ended.stdout
    output, _, left = ended.stdout.rpartition("LEFT:\n")
    return ended.returncode, output, left.splitlines()


def run_on_full_disk(project, folder, size, *targets, **options):
    """Run Snakemake with an empty disk of so many bytes over a folder; return status, output, files left."""
    (project.path / folder).mkdir(parents=True, exist_ok=True)
    return _run(project, _FULL, project.path / folder, size, *project.command(*targets, **options))


def run_on_read_only_disk(project, folder, *targets, **options):
    """Run Snakemake where nothing can be written to a folder; return status and output."""
    return _run(project, _READ_ONLY, project.path / folder, *project.command(*targets, **options))[:2]
