import ast
import json
import subprocess
import sys
from pathlib import Path

from galforge.core.provenance import code_digest, source_closure, versions
from tests.conftest import PROJECT

ENTRIES = sorted(
    f"{path.parent.name}.{path.stem}"
    for path in (PROJECT / "workflow_scripts").glob("*/*.py")
    if "run_entry(main)" in path.read_text()
)


def names(paths):
    return {str(path.relative_to(PROJECT)) for path in paths}


def test_closure_follows_imports_and_holds_nothing_else():
    files = names(source_closure("stamps.measure_quality"))
    assert {
        "workflow_scripts/stamps/measure_quality.py",
        "galforge/imaging/quality.py",
        "galforge/imaging/gaussian_width.py",
        "galforge/core/errors.py",
    } <= files
    others = tuple(f"galforge/{package}/" for package in ("training", "models", "networks", "evaluation"))
    assert not any(name.startswith(others) for name in files)


def test_closure_of_a_model_stage_holds_the_model_named_in_the_configuration():
    plain = names(source_closure("training.train_model"))
    whole = names(
        source_closure(
            "training.train_model", ["galforge.models.vae.model", "galforge.networks.danilov.network"]
        )
    )
    assert whole - plain == {
        "galforge/models/flow_inverse.py",
        "galforge/models/flow_settings.py",
        "galforge/models/joint_normal.py",
        "galforge/models/latent_flow.py",
        "galforge/models/vae/losses.py",
        "galforge/models/vae/model.py",
        "galforge/models/vae/settings.py",
        "galforge/networks/danilov/network.py",
        "galforge/networks/danilov/settings.py",
        "galforge/networks/whole_convolutions.py",
    }
    assert "galforge/models/base.py" in plain


# Imported within a function, where it is used: importing an entry does not load it.
LATER = {"galforge/pictures/hdf5_store.py", "galforge/core/declared.py", "galforge/core/hdf5_files.py"}
# Registered with GalSim by its package, for people's configurations, and used by no entry.
REGISTERED = {"galforge/galsim/configured_values.py", "galforge/galsim/registered_types.py"}


# In a process that has what others wrote and nothing of the project, one fork per entry.
LOADED = """
import importlib, json, os, sys
import astropy.io.fits, galsim, h5py, matplotlib.figure, pandas, photutils.segmentation, requests, scipy.stats
import skimage, sklearn, statmorph, torch, zuko
for entry in sys.argv[1:]:
    sys.stdout.flush()
    if os.fork() == 0:
        importlib.import_module(f"workflow_scripts.{entry}")
        files = [m.__file__ for n, m in sys.modules.items() if n.startswith(("galforge", "workflow_scripts"))]
        print(json.dumps([entry, [name for name in files if not name.endswith("__init__.py")]]))
        sys.stdout.flush()
        os._exit(0)
    assert os.wait()[1] == 0, entry
"""


def test_closure_is_what_an_entry_really_imports():
    """Against Python's own import system: every project module that importing each entry loads."""
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, *ENTRIES], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = dict(map(json.loads, ended.stdout.splitlines()))
    assert loaded.keys() == set(ENTRIES)
    later, registered = {}, {}
    for entry in ENTRIES:
        closure, there = names(source_closure(entry)), names(map(Path, loaded[entry]))
        later |= dict.fromkeys(closure - there, entry)
        registered |= dict.fromkeys(there - closure, entry)
    assert later.keys() == LATER, later
    assert registered.keys() == REGISTERED, registered


def test_package_files_are_empty_so_that_closures_stay_small():
    folders = (PROJECT / "workflow_scripts", PROJECT / "galforge")
    packages = [path for folder in folders for path in folder.rglob("__init__.py")]
    assert len(packages) >= 9
    # Public faces: that of the library imports what is asked for alone, that for GalSim registers its types.
    faces = {PROJECT / "galforge" / "__init__.py", PROJECT / "galforge" / "galsim" / "__init__.py"}
    assert {path for path in packages if path.read_text()} == faces


def test_digest_changes_with_content_alone(tmp_path):
    files = source_closure("stamps.measure_quality")
    before = code_digest(files)
    assert code_digest(reversed(files)) == before
    assert code_digest(files[1:]) != before


def test_the_module_itself_needs_the_standard_library_alone():
    tree = ast.parse((PROJECT / "galforge" / "core" / "provenance.py").read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names)


def test_versions_are_those_installed():
    import numpy

    assert versions()["numpy"] == numpy.__version__
