"""Records that a stranger wrote: whatever they say, loading a model runs nothing and names the folder."""

import copy
import sys
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.models.base import GenerativeModel
from galforge.models.building import load_model
from tests.configuration.test_fuzz_configuration import places
from tests.helpers.published_model import publish_model
from tests.models.test_hostile_records import rewritten

# What runs something when it is called, as one reads of it, and what it may be called with.
CALLABLES = ["subprocess:run", "os:system", "builtins:exec", "subprocess.Popen", "os.system", "posix.system"]
ARGUMENTS = ["true", ["/bin/sh", "-c", "true"], ["true"], {"args": ["true"]}, "import os; os.system('true')"]
NAMES = ["family", "target", "network", "settings", "image_shape", "module", "class", "__reduce__", "status"]
VALUES = st.one_of(
    st.sampled_from([*CALLABLES, *ARGUMENTS, "galforge.models.vae", "torch.load", "danilov", "vae", "ok"]),
    st.none(), st.booleans(), st.integers(-1, 70), st.floats(allow_nan=True), st.text(max_size=6),
    st.lists(st.integers(0, 70), max_size=4),
)  # fmt: skip

# What starts a process or writes a file, as Python's audit hooks call it.
RUNNING = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork")
watched: list[str] | None = None


def watch(event, arguments):
    writes = event == "open" and set(str(arguments[1])) & set("wax+")
    if watched is not None and (event in RUNNING or writes):
        watched.append(f"{event} {arguments[0]}")


sys.addaudithook(watch)


@contextmanager
def nothing_is_run():
    """Insist that no process is started and no file is written, whatever is raised."""
    global watched
    watched = []
    try:
        yield
    finally:
        seen, watched = watched, None
        assert not seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    publish_model(folder)
    (folder / "model.json").rename(folder / "published.json")
    rewritten(folder, {})
    return folder


CHANGES = st.one_of(
    st.tuples(st.integers(0, 99), st.sampled_from(["replace", "add"]), st.sampled_from(NAMES), VALUES),
    st.tuples(st.just(0), st.just("add"), st.sampled_from(NAMES[:3]), st.sampled_from(CALLABLES)),
)


@settings(derandomize=True, deadline=None, max_examples=150, database=None)
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_a_record_is_refused_in_one_line_or_describes_a_model_of_ours(folder, changes):
    facts = read_json(folder / "published.json")
    for number, what, name, value in changes:
        found = sorted(places(facts), key=str)
        *parents, last = found[number % len(found)]
        target = facts
        for part in parents:
            target = target[part]
        if what == "add":
            target = target[last] if isinstance(target[last], dict) else facts
            last = name
        target[last] = copy.deepcopy(value)
    rewritten(folder, {**dict.fromkeys(read_json(folder / "published.json"), ...), **facts})
    with nothing_is_run():
        try:
            model = load_model(folder / "weights.safetensors", folder / "model.json")
        except InputError as error:
            assert "\n" not in str(error)
            assert str(folder) in str(error)
            return
    assert isinstance(model, GenerativeModel)
