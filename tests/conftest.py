from pathlib import Path

import numpy as np  # noqa: F401  # only of libraries that are loaded can threads be limited
import pytest
from threadpoolctl import threadpool_limits

from tests.helpers.faults import DOCUMENT, MARKED, SEEN, table
from tests.helpers.real_data import real_data

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def cosmos_btk():
    """The folder of a hundred real HST COSMOS galaxies."""
    return real_data("cosmos_btk")


@pytest.fixture(scope="session")
def galaxy_zoo():
    """The folder of 376 real Galaxy Zoo pictures."""
    return real_data("galaxy_zoo")


@pytest.fixture(scope="session")
def cosmos_example():
    """The folder of the catalogue of 23.5 that GalSim ships as an example, without its images."""
    return real_data("cosmos_23.5_example")


def pytest_addoption(parser):
    parser.addoption(
        "--configuration", metavar="FILE", help="an overlay whose models tests/models/test_contract.py builds"
    )
    parser.addoption(
        "--reliability", action="store_true", help=f"write {DOCUMENT} from what the fault tests see"
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "fault(name, then, lost, slow): of the fault suite, tests/helpers/faults.py"
    )
    config.stash[MARKED], config.stash[SEEN] = {}, {}
    # Each worker has a core; at the many small sums of the scores more threads would wait for each other.
    threadpool_limits(1, user_api="blas")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    # First of all such hooks: before the slow ones are deselected.
    for item in items:
        for mark in item.iter_markers("fault"):
            known = config.stash[MARKED].setdefault(mark.args[0], mark)
            assert known.kwargs == mark.kwargs, f"two faults of one name: {mark.args[0]}"
            if mark.kwargs["slow"]:
                item.add_marker("slow")


@pytest.fixture
def seen(request):
    """Take what the user sees, a line a call, for the table of faults."""
    mark = request.node.get_closest_marker("fault")
    lines = []
    yield lines.append
    assert lines, f"nothing was seen of the fault {mark.args[0]!r}"
    request.config.stash[SEEN][mark.args[0]] = lines


def pytest_sessionfinish(session, exitstatus):
    if not session.config.getoption("--reliability"):
        return
    marked, seen = session.config.stash[MARKED], session.config.stash[SEEN]
    missing = sorted(marked.keys() - seen.keys())
    if missing or exitstatus:
        print(f"\n{DOCUMENT} is left as it was; not seen: {'; '.join(missing) or 'nothing else'}")
    else:
        (PROJECT / DOCUMENT).write_text(table(marked, seen), encoding="utf-8")
