"""What is installed, what the machine has, and whether results are whole: for when something is wrong."""

from collections.abc import Iterator
from pathlib import Path

from galforge.core.errors import GalforgeError, in_one_line

_WIDTH = 18  # characters of the column of names


def doctor(*, results: Path = Path("results")) -> None:
    """Say what is installed, what this machine has, and whether the files of surveys are whole.

    Parameters
    ----------
    results : Path
        Folder of a run, whose surveys are compared with their manifests.

    Raises
    ------
    GalforgeError
        At the end, if a file of a survey is missing or has changed, or a library is missing.
    """
    faults = []
    for name, text, fault in (*_installed(), *_machine(results), *_surveys(results)):
        print(f"  {name:{_WIDTH}} {text}", flush=True)
        if fault:
            faults.append(name)
    if faults:
        raise GalforgeError(f"not as it should be: {', '.join(faults)}")


Finding = tuple[str, str, bool]  # what was looked at, what was found, whether it is a fault


def _installed() -> Iterator[Finding]:
    import galforge
    from galforge.core.provenance import LIBRARIES, ROOT, versions

    found = {"galforge": f"{galforge.__version__}, {ROOT}", **versions()}
    for name, version in found.items():
        yield name, version, False
    for name in LIBRARIES:
        if name not in found:
            # The library alone, without the pipeline, does without Snakemake.
            yield name, f"not installed; pip install {name}", name != "snakemake"


def _machine(results: Path) -> Iterator[Finding]:
    import os
    import shutil

    import psutil

    memory = psutil.virtual_memory()
    yield "cores", str(os.cpu_count()), False
    yield "memory", f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free", False
    existing = next(path for path in (results.absolute(), *results.absolute().parents) if path.exists())
    disk = shutil.disk_usage(existing)
    yield "disk", f"{disk.free / 2**30:.1f} of {disk.total / 2**30:.1f} GiB free at {existing}", False
    yield "GPU", _gpus(), False


def _gpus() -> str:
    from galforge.core.gpus import gpu_here

    try:
        import torch
    except ImportError:
        return "not known without torch"
    if torch.cuda.is_available():
        return ", ".join(torch.cuda.get_device_name(each) for each in range(torch.cuda.device_count()))
    if gpu_here():
        return f"there is one, which torch {torch.__version__} does not see; is its build for this driver?"
    return "none; models train on the CPU"


def _surveys(results: Path) -> Iterator[Finding]:
    """Compare each survey's files with the digests of its manifest."""
    from galforge.configuration.layout import SURVEY_MANIFEST
    from galforge.core.files import file_digest
    from galforge.survey.manifest import read_manifest

    for path in sorted(results.glob(str(SURVEY_MANIFEST.at("", survey="*")))):
        name = f"survey {path.parent.name}"
        try:
            manifest = read_manifest(path)
            folder = manifest.location / manifest.directory
            missing = [file for file in manifest.files if not (folder / file).is_file()]
            changed = [
                file
                for file, digest in manifest.files.items()
                if file not in missing and file_digest(folder / file) != digest
            ]
        except (GalforgeError, OSError) as error:
            yield name, in_one_line(error), True
            continue
        faults = [f"{file} is missing" for file in missing] + [f"{file} has changed" for file in changed]
        yield name, "; ".join(faults) or f"whole: {len(manifest.files)} files", bool(faults)
