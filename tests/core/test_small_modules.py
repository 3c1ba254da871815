"""Seeds, files, progress, locks, the command line: what every stage leans on."""

import csv
import errno
import json
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import GalforgeError, InputError, in_one_line
from galforge.core.files import file_digest, read_json, replacing, write_json
from galforge.core.locking import hold_lock
from galforge.core.progress import Progress, format_duration
from galforge.core.seeds import derive_seed, uniform_of
from galforge.core.tables import read_table, write_table
from galforge.pictures.picture_table import read_picture_table
from tests.conftest import PROJECT
from tests.helpers.faults import fault


def test_named_seeds_differ_and_stay():
    seeds = {derive_seed(1, "noise", n) for n in range(1000)}
    assert len(seeds) == 1000
    assert all(0 < seed < 2**31 for seed in seeds)
    assert derive_seed(1, "noise", 5) == 763986840, "a changed seed changes every result there is"
    assert derive_seed(1, "a", "bc") != derive_seed(1, "ab", "c")
    assert 0 <= uniform_of(1, "x") < 1


def test_a_file_is_whole_or_absent(tmp_path):
    path = tmp_path / "deep" / "value.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert read_json(path) == {"a": 1}

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [p.name for p in path.parent.iterdir()] == ["value.json"]
    assert read_json(path) == {"a": 1}


@pytest.mark.parametrize(
    "value",
    [{"b": [1.5, None], "a": {"é": 0.1, "d": 1e-300}}, {9: "numbers", 10: "as keys"}, {}, [1, 2], "text"],
)
def test_json_is_read_as_it_was_written(tmp_path, value):
    path = tmp_path / "value.json"
    write_json(path, value)
    assert read_json(path) == json.loads(json.dumps(value))


def test_json_with_another_value_than_was_written_is_refused(tmp_path):
    path = tmp_path / "record.json"
    write_json(path, {"epoch": 12, "status": "ok"})
    whole = path.read_text()
    for old, new in (("12", "13"), ("epoch", "epocj"), ("ok", "oj")):
        path.write_text(whole.replace(old, new))
        with pytest.raises(InputError, match=r"record\.json: is damaged or was edited"):
            read_json(path)
    # A digit of an exponent is one bit from a number that is none.
    path.write_text(whole.replace("12", "1e999"))
    with pytest.raises(InputError, match=r"record\.json: is damaged"):
        read_json(path)
    path.write_text(whole[1:])
    with pytest.raises(InputError, match=r"record\.json: is damaged or not JSON"):
        read_json(path)
    path.write_text('{"epoch": 13}')  # by hand, as a survey's manifest may be
    assert read_json(path) == {"epoch": 13}
    # What was read and is written again gets the digest of what it is now.
    write_json(path, {**json.loads(whole), "epoch": 14})
    assert read_json(path) == {"epoch": 14, "status": "ok"}


@pytest.mark.parametrize("names", [["1e-3", "1"], ["0.10", ""], ["true", "false"], ["=1", "2"], ["1", "x"]])
def test_text_that_looks_like_numbers_stays_text_where_it_is_asked_for(tmp_path, names):
    table = pd.DataFrame({"variant": names, "value": [1.5, 2.0]})
    write_table(tmp_path / "table.csv", table)
    read = read_table(tmp_path / "table.csv", text=("variant", "absent"))
    assert read["variant"].tolist() == names and read["value"].tolist() == [1.5, 2.0]


def test_a_table_comes_back_as_it_was_written(tmp_path):
    table = pd.DataFrame(
        {
            "name": ["NA", "None", "", "nan", "a,b"],
            "value": [0.1 + 0.2, float("nan"), 1e-300, -1.0, 5e15 + 1],
            "count": range(5),
            "kept": [True, False, True, True, False],
        }
    )
    write_table(tmp_path / "table.csv", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table, check_exact=True)
    many = pd.DataFrame({"value": np.random.default_rng(1).normal(size=1000)})  # to the last bit
    write_table(tmp_path / "table.csv", many)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), many, check_exact=True)
    (tmp_path / "table.csv").write_text("")
    with pytest.raises(InputError, match=r"table\.csv: is not a table"):
        read_table(tmp_path / "table.csv")


def test_file_digest_is_sha_256(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert file_digest(tmp_path / "empty") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_durations_read_as_a_person_says_them():
    assert [format_duration(s) for s in (0.4, 59.4, 61, 3599, 7380)] == [
        "0 s", "59 s", "1 min 01 s", "59 min 59 s", "2 h 03 min",
    ]  # fmt: skip


def test_progress_promises_the_time_that_the_recent_rate_gives(capsys):
    now = [0.0]
    progress = Progress("work", 100, "stamps", interval_s=10, clock=lambda: now[0])
    for _ in range(40):
        now[0] += 0.5
        progress.advance()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "work: 20 of 100 stamps, 2 stamps/s, about 40 s left",
        "work: 40 of 100 stamps, 2 stamps/s, about 30 s left",
    ]


def test_progress_of_a_resumed_run_does_not_count_what_was_done_before(capsys):
    now = [0.0]
    progress = Progress("work", 100, "stamps", done=60, interval_s=5, clock=lambda: now[0])
    now[0] = 10.0
    progress.advance(20)
    assert "80 of 100 stamps, 2 stamps/s, about 10 s left" in capsys.readouterr().err


def test_a_lock_names_its_holder_and_ends_with_it(tmp_path):
    code = (
        "import sys, pathlib; from galforge.core.locking import hold_lock;"
        f"lock = hold_lock(pathlib.Path({str(tmp_path / 'lock')!r}), 'works here');"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(GalforgeError, match=f"process {holder.pid} on .* works here"):
        hold_lock(tmp_path / "lock", "works here")
    holder.kill()
    holder.wait()
    hold_lock(tmp_path / "lock", "works here").close()


def run_entry(*arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )


def test_what_a_user_can_cause_is_one_line(tmp_path):
    (tmp_path / "stamps.h5").write_text("no HDF5")
    arguments = (
        "--settings",
        '{"label": "a", "position": 0}',
        "--walk",
        tmp_path / "stamps.h5",
        "--figures",
        tmp_path / "walk.png",
    )
    ended = run_entry("workflow_scripts.sampling.plot_walk", *map(str, arguments))
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("ERROR: ")
    assert "stamps.h5" in ended.stderr
    assert not (tmp_path / "walk.png").exists()


def test_progress_reaches_the_terminal_when_one_is_kept_open(tmp_path):
    reading, writing = os.pipe()
    code = "from galforge.core.progress import announce; announce('half done')"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, "GALFORGE_TERMINAL": str(writing)},
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
        check=True,
    )
    os.close(writing)
    assert os.read(reading, 100) == b"half done\n"
    os.close(reading)


@fault(
    "results on a file system without locks (some mounts of Lustre and NFS)",
    then="start no second run on the same results: nothing keeps it from them",
)
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_file_system_without_locks_gets_a_warning_that_names_the_file(
    tmp_path, monkeypatch, capsys, number, seen
):
    # It was "Function not implemented" before any job, of no file.
    def refuse(stream, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    with hold_lock(tmp_path / ".lock", "works here") as stream:
        assert stream.writable()
    warning = capsys.readouterr().err
    assert warning.startswith(f"WARNING: {tmp_path / '.lock'}: its file system has no locks")
    assert warning.count("\n") == 1
    seen(warning)


def test_another_fault_of_a_lock_names_its_file(tmp_path, monkeypatch):
    def refuse(stream, operation):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(OSError, match="Input/output") as raised:
        hold_lock(tmp_path / ".lock", "works here")
    assert in_one_line(raised.value) == f"{tmp_path / '.lock'}: Input/output error"


def test_no_cell_of_a_table_is_a_formula_and_each_comes_back(tmp_path):
    """Before: a picture named =HYPERLINK(...).png was a formula to whoever opened the table."""
    names = [
        "=1+1",
        "+1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\n=1",
        "'=1",
        "'",
        "''",
        "'x",
        "",
        "plain",
        "1-2",
    ]
    table = pd.DataFrame(
        {"=cmd": names, "'-": names[::-1], "number": -np.arange(len(names)), "mixed": ["-1", *names[1:]]}
    )
    path = tmp_path / "table.csv"
    write_table(path, table)
    pd.testing.assert_frame_equal(read_table(path), table)
    with path.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+@\t\r\n")) or re.match(r"-(?!\d+$)", cell)]


def test_a_picture_that_is_named_as_a_formula_keeps_its_name_in_the_catalogue(tmp_path):
    names = ["=cmd.png", "-1.png", "plain.png", "@x.png"]
    table = pd.DataFrame({"identifier": range(4), "file": names, "fault": ["", "", "", "-"]})
    write_table(tmp_path / "pictures.csv", table)
    assert ",=cmd" not in (tmp_path / "pictures.csv").read_text()
    assert list(read_picture_table(tmp_path / "pictures.csv")["file"]) == list(table["file"])
