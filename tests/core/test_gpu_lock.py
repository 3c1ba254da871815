"""Two jobs never share a GPU: with GPUs that are made up, and locks that are real."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml

from galforge.core import device, gpu_lock, gpus
from galforge.core.device import choose_device
from galforge.core.locking import hold_lock
from galforge.core.provenance import source_closure
from tests.conftest import PROJECT
from tests.helpers.rules import read_rules


@pytest.fixture
def two_gpus(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda n: SimpleNamespace(uuid=f"uuid-{n}"))
    monkeypatch.setattr(gpu_lock, "lock_folder", lambda: tmp_path)
    monkeypatch.setattr(gpu_lock, "_held", [])
    yield tmp_path
    for stream in gpu_lock._held:
        stream.close()


def test_each_job_has_a_gpu_of_its_own(two_gpus):
    assert choose_device("cuda") == torch.device("cuda", 0)
    assert choose_device("auto") == torch.device("cuda", 1)
    assert choose_device("cpu") == torch.device("cpu")
    assert {path.name for path in two_gpus.iterdir()} == {"gpu-uuid-0.lock", "gpu-uuid-1.lock"}


def test_a_job_waits_for_a_gpu_and_says_so(two_gpus, monkeypatch, capsys):
    others = [hold_lock(two_gpus / f"gpu-uuid-{n}.lock", "has it") for n in range(2)]
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            others[1].close()

    monkeypatch.setattr(gpu_lock.time, "sleep", nap)
    assert choose_device("cuda") == torch.device("cuda", 1)
    assert len(naps) == 3
    assert capsys.readouterr().err.count("all 2 GPUs are held by other jobs") == 1
    others[0].close()


def test_gpus_are_known_by_their_uuid_not_by_their_number(two_gpus, monkeypatch):
    """Another job sees only the second GPU, as its number 0: CUDA_VISIBLE_DEVICES=1."""
    assert choose_device("cuda").index == 0
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda n: SimpleNamespace(uuid="uuid-1"))
    assert choose_device("cuda").index == 0


def test_a_job_that_is_killed_gives_its_gpu_back(two_gpus):
    code = (
        "import sys, time; from pathlib import Path; from galforge.core.locking import hold_lock; "
        "stream = hold_lock(Path(sys.argv[1]), 'has it'); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(two_gpus / "gpu-uuid-0.lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as other:
        assert other.stdout.readline() == "held\n"
        other.kill()
        other.wait()
    assert choose_device("cuda").index == 0


@pytest.mark.parametrize(
    ("device", "visible", "gpus_here", "wanted"),
    [
        ("cuda", None, 0, 1),
        ("cpu", None, 2, 0),
        ("auto", None, 0, 0),
        ("auto", None, 2, 1),
        ("auto", "1", 2, 1),
        ("auto", "", 2, 0),
        ("auto", "-1", 2, 0),
    ],
)
def test_a_gpu_is_asked_for_only_where_there_is_one(
    monkeypatch, tmp_path, device, visible, gpus_here, wanted
):
    for number in range(gpus_here):
        (tmp_path / f"nvidia{number}").touch()
    (tmp_path / "nvidiactl").touch()
    monkeypatch.setattr(gpus, "DEVICES", tmp_path)
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus.gpus_wanted(device) == wanted


def test_every_rule_that_runs_a_network_asks_for_a_gpu():
    """Without one, a job of ``device: cuda`` finds no GPU on the node that it was sent to.

    No GPU is held through other work: of jobs that are submitted together, all ask for one or none does.
    """
    asking = {name for name, rule in read_rules().items() if rule.gpu}
    running = {
        path.stem
        for path in (PROJECT / "workflow_scripts").glob("*/[a-z]*.py")
        if Path(device.__file__).resolve() in source_closure(f"{path.parent.name}.{path.stem}")
    }
    assert asking == running and len(running) > 5
    groups = yaml.safe_load((PROJECT / "profiles/slurm/config.yaml").read_text(encoding="utf-8"))["groups"]
    for group in set(groups.values()):
        members = {rule for rule, name in groups.items() if name == group}
        assert members <= asking or not members & asking, group
