"""Two jobs never share a GPU: with cards that are not there, and locks that are."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
import yaml

from galforge.core import gpu_lock as cards
from galforge.core import gpus
from galforge.core.device import choose_device
from galforge.core.locking import hold_lock
from galforge.core.provenance import source_closure
from tests.conftest import PROJECT
from tests.helpers.rules import read_rules


@pytest.fixture
def two_cards(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda n: SimpleNamespace(uuid=f"card-{n}"))
    monkeypatch.setattr(cards, "lock_folder", lambda: tmp_path)
    monkeypatch.setattr(cards, "_held", [])
    yield tmp_path
    for stream in cards._held:
        stream.close()


def test_each_job_has_a_card_of_its_own(two_cards):
    assert choose_device("cuda") == torch.device("cuda", 0)
    assert choose_device("auto") == torch.device("cuda", 1)
    assert choose_device("cpu") == torch.device("cpu")
    assert {path.name for path in two_cards.iterdir()} == {"gpu-card-0.lock", "gpu-card-1.lock"}


def test_a_job_waits_for_a_card_and_says_so(two_cards, monkeypatch, capsys):
    others = [hold_lock(two_cards / f"gpu-card-{n}.lock", "has it") for n in range(2)]
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            others[1].close()

    monkeypatch.setattr(cards.time, "sleep", nap)
    assert choose_device("cuda") == torch.device("cuda", 1)
    assert len(naps) == 3
    assert capsys.readouterr().err.count("all 2 GPUs are held by other jobs") == 1
    others[0].close()


def test_cards_are_known_by_themselves_not_by_their_number(two_cards, monkeypatch):
    """Another job sees only the second card, as its number 0: CUDA_VISIBLE_DEVICES=1."""
    assert choose_device("cuda").index == 0
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda n: SimpleNamespace(uuid="card-1"))
    assert choose_device("cuda").index == 0


def test_a_job_that_is_killed_gives_its_card_back(two_cards):
    code = (
        "import sys, time; from pathlib import Path; from galforge.core.locking import hold_lock; "
        "stream = hold_lock(Path(sys.argv[1]), 'has it'); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(two_cards / "gpu-card-0.lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as other:
        assert other.stdout.readline() == "held\n"
        other.kill()
        other.wait()
    assert choose_device("cuda").index == 0


@pytest.mark.parametrize(
    ("device", "visible", "cards_here", "wanted"),
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
    monkeypatch, tmp_path, device, visible, cards_here, wanted
):
    for number in range(cards_here):
        (tmp_path / f"nvidia{number}").touch()
    (tmp_path / "nvidiactl").touch()
    monkeypatch.setattr(gpus, "DEVICES", tmp_path)
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus.gpus_wanted(device) == wanted


def test_every_rule_that_runs_a_network_asks_for_a_gpu():
    """Without one, a job of ``device: cuda`` finds no card on the node that it was sent to.

    And none is held through other work: jobs that are submitted together ask all, or none does.
    """
    rules = read_rules()
    device = PROJECT / "galforge" / "core" / "device.py"
    asking = {name for name, rule in rules.items() if rule.gpu}
    running = {name for name, rule in rules.items() if device in source_closure(rule.entry)}
    assert asking == running and len(running) > 5
    groups = yaml.safe_load((PROJECT / "profiles/slurm/config.yaml").read_text(encoding="utf-8"))["groups"]
    for group in set(groups.values()):
        members = {rule for rule, name in groups.items() if name == group}
        assert members <= asking or not members & asking, group
