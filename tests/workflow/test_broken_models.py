"""Models that return nothing of use are failed with the reason, and nobody else's numbers change."""

import csv

import yaml

from tests.conftest import PROJECT

LEADERBOARD = "results/leaderboard/simulated_cosmos.csv"
REASONS = {
    "broken_nan": "no stamp of 12 could be measured: 12 not finite",
    "broken_constant": "no stamp of 12 could be measured: 12 constant",
    "broken_three": "returned 3 of 12 stamps",
}


def with_broken_models():
    models = {
        name: {
            "description": "It does not work.",
            "paper": "none",
            "family": "broken",
            "settings": {"returns": name.removeprefix("broken_")},
            "recipe": {"epochs": 1, "batch_size": 16, "optimizer": {"learning_rate": 0.01}},
        }
        for name in REASONS
    }
    runs = yaml.safe_load((PROJECT / "tests/helpers/tiny.yaml").read_text())["runs"]
    runs.append({"dataset": "simulated_cosmos", "models": list(models)})
    return yaml.safe_dump({"models": models, "runs": runs})


def test_they_are_failed_with_their_reason_and_no_other_row_changes(made, tmp_path):
    project = made.copied_to(tmp_path / "a prüject")
    family = project.path / "galforge/models/broken"
    family.mkdir()
    for helper, module in (("broken_model_settings", "settings"), ("broken_model", "model")):
        (family / f"{module}.py").write_text((PROJECT / f"tests/helpers/{helper}.py").read_text())
    project.make("leaderboards", overlay=with_broken_models())
    before, after = ((each.path / LEADERBOARD).read_text().splitlines() for each in (made, project))
    assert [line for line in after if ",broken_" not in line] == before
    rows = {row["model"]: row for row in csv.DictReader(after)}
    assert {name: rows[name]["reason"] for name in REASONS} == REASONS
    for name in REASONS:
        assert rows[name]["status"] == "failed"
        assert rows[name]["rank"] == rows[name]["mean_distance"] == ""
