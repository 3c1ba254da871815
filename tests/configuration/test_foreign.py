"""``galforge check``: a configuration of someone else is read without running or filling anything."""

import subprocess
import sys
import time

import pytest
import yaml

from galforge.commands.command import main
from galforge.configuration.foreign import read_foreign
from galforge.core.errors import ConfigurationError
from tests.conftest import PROJECT

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}\n" for n in range(1, 12)
)


def checked(capsys, *paths):
    """Return the exit status of ``galforge check`` and its lines."""
    status = 0
    try:
        main(["check", *map(str, paths)])
    except SystemExit as ended:
        status = ended.code
    shown = capsys.readouterr()
    return status, shown.out.splitlines(), shown.err.splitlines()


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "theirs.yaml"
        path.write_text(text)
        return path

    return write


def test_the_projects_own_configurations_are_in_order_and_ask_for_no_code(capsys):
    paths = [*sorted((PROJECT / "config").glob("*.yaml")), PROJECT / "tests/helpers/tiny.yaml"]
    status, lines, _ = checked(capsys, *paths)
    assert status == 0
    assert lines == [f"{path}: is in order" for path in paths]
    for path in PROJECT.glob("config/**/*.yaml"):
        assert "__use_yte__" not in path.read_text()


def test_code_in_a_configuration_is_refused_and_not_run(written, tmp_path, capsys):
    """Snakemake's own reader runs it, in ``snakemake -n`` too: that is what the command is for."""
    proof = tmp_path / "owned"
    path = written(
        f"__use_yte__: true\n__definitions__:\n  - open({str(proof)!r}, 'w').close()\nseed: ?1 + 1\n"
    )
    status, lines, errors = checked(capsys, path)
    assert status == 1
    assert len(lines) == 1 and "'__use_yte__', with which Snakemake runs the Python" in lines[0]
    assert errors == ["ERROR: 1 of 1 configurations cannot be run"]
    assert not proof.exists()
    with pytest.raises(ConfigurationError, match="is not YAML that can be read"):
        read_foreign(written("seed: !!python/object/apply:os.system ['true']"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAUGHS, "its aliases stand for more than 100,000 values"),
        (MERGES, "its aliases stand for more than 100,000 values"),
        ("a: &a [*a]", "an alias stands for what it is in"),
        ("a: " + "[" * 50_000, "nested too deeply"),
        ("x" * (1 << 21), "has 2,097,152 bytes; allowed: 1,048,576"),
        ("- 1", "is no mapping"),
        ("a: [", "is not YAML that can be read"),
        ("? [1]\n: 2", "is not YAML that can be read"),
        ("d: 2026-99-99", "is not YAML that can be read"),
        ("\x07", "is not YAML that can be read"),
    ],
    ids=["laughs", "merges", "circle", "depth", "bytes", "list", "broken", "key", "date", "control"],
)
def test_a_bomb_is_refused_in_a_line_and_a_second(written, capsys, text, words):
    path = written(text)
    start = time.process_time()
    status, lines, _ = checked(capsys, path)
    assert time.process_time() - start < 10, "of this process: others may have the machine"
    assert status == 1
    assert len(lines) == 1 and lines[0].startswith(f"{path}: ") and words in lines[0]


def test_all_faults_of_the_settings_are_told_at_once(written, capsys):
    path = written("seed: -1\nreport: { columns: many }\nplotting: {}\n")
    status, lines, _ = checked(capsys, path, PROJECT / "config" / "colour.yaml")
    assert status == 1
    *faults, other = (line.partition(";")[0] for line in lines)
    assert sorted(faults) == [
        f"{path}: report.columns is 'many'",
        f"{path}: seed is -1",
        f"{path}: unknown key 'plotting' with value {{}}",
    ]
    assert other == f"{PROJECT / 'config' / 'colour.yaml'}: is in order"


def test_what_refers_to_nothing_is_told(written, capsys):
    status, lines, _ = checked(capsys, written("runs: [{ dataset: nowhere, models: [danilov_vae] }]"))
    assert status == 1 and "runs[0].dataset is 'nowhere'" in lines[0]


def test_a_file_that_is_not_there_is_one_line(tmp_path, capsys):
    status, lines, _ = checked(capsys, tmp_path / "none.yaml")
    assert status == 1 and lines == [f"{tmp_path / 'none.yaml'}: No such file or directory"]


def test_aliases_that_stand_for_little_are_read(written):
    path = written("a: &a { seed: 1 }\nb: *a\nc: { <<: *a, more: 2 }\n")
    assert read_foreign(path) == yaml.safe_load(path.read_text()) == {
        "a": {"seed": 1}, "b": {"seed": 1}, "c": {"seed": 1, "more": 2},
    }  # fmt: skip


def test_snakemake_refuses_a_bomb_of_aliases_that_it_has_read(written):
    """Its reader shares what an alias stands for; the check and the merge would have written it all out."""
    path = written(LAUGHS)
    command = [sys.executable, "-m", "snakemake", "-n", "--directory", str(path.parent), "-s"]
    ended = subprocess.run(
        [*command, str(PROJECT / "Snakefile"), "--configfile", str(path)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.returncode
    output = ended.stdout + ended.stderr
    assert "Traceback" not in output
    assert "stand for more than 100,000 values" in output
