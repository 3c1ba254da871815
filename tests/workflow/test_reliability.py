"""The fault suite and its table agree."""

from pathlib import Path

from tests.conftest import PROJECT
from tests.helpers.faults import DOCUMENT, MARKED, fault, listed, table, without_this_run


def test_the_document_lists_every_fault_that_is_tested(request):
    tested = request.config.stash[MARKED].keys()
    written = listed(PROJECT / DOCUMENT)
    assert tested <= written, f"make test-faults writes {DOCUMENT}"
    if [Path(name).name for name in request.config.args] == request.config.getini("testpaths"):
        assert written <= tested, "faults that no test does"
        assert len(tested) > 40


def test_a_line_is_told_without_what_differs_from_run_to_run():
    line = "ERROR: /tmp/pytest-of-me/pytest-3/victim0/a prüject/results/a.h5: process 1234 is at step 7 of 96"
    assert without_this_run(line) == "ERROR: results/a.h5: process N is at step N of N"
    assert without_this_run("3 of 80 galaxies, snr 80") == "3 of 80 galaxies, snr 80"
    assert without_this_run("/tmp/pytest-of-me/pytest-3/empty0/none.fits: no") == "none.fits: no"


def test_the_table_is_sorted_and_read_back(tmp_path):
    marks = {name: fault(name, then="run again").mark for name in ("disk full", "Ctrl-C")}
    text = table(marks, {"disk full": ["a | b"], "Ctrl-C": ["one", "two"]})
    (tmp_path / "table.md").write_text(text, encoding="utf-8")
    assert text.index("| Ctrl-C | `one`<br>`two` | nothing | run again |") < text.index(
        "| disk full | `a \\| b` |"
    )
    assert listed(tmp_path / "table.md") == {"disk full", "Ctrl-C"}
