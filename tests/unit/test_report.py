"""The report page, made by the entries from a small made-up run."""

import base64
import io
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from report_inputs import (
    MODELS,
    REASON,
    dataset_arguments,
    draw_rendering,
    figures,
    make_run,
    model_arguments,
    report_arguments,
    report_settings,
    write_survey_figures,
)

from workflow_scripts import build_report, plot_dataset, plot_model
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps
from workflow_scripts.errors import InputError
from workflow_scripts.figures.report import anchor, flattened, leaderboard, number, written

TEMPLATE = Path(build_report.__file__).parent / "figures" / "report.html.j2"
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """What a test asks of a page; unclosed or crossed elements are noted."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.links, self.images, self.text = [], [], [], [], [], []
        self.sources, self.rows = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.links += [attributes["href"]] if tag == "a" else []
        self.images += [attributes] if tag == "img" else []
        self.sources += [attributes[name] for name in ("src", "href") if name in attributes]
        if tag == "tr":
            self.rows.append("")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)
            if "tr" in self.open:
                self.rows[-1] += data


def run_entry_with(module, arguments, monkeypatch):
    monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, arguments)])
    module.main()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    run = make_run(folder)
    places = figures(run)
    output = folder / "report" / "index.html"
    settings = report_settings()
    settings["datasets"][0]["models"][1]["overrides"] = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        run_entry_with(plot_dataset, dataset_arguments(run, places), monkeypatch)
        draw_rendering(places)
        write_survey_figures(run, places)
        for model in MODELS:
            run_entry_with(plot_model, model_arguments(run, model, places), monkeypatch)
        run_entry_with(build_report, report_arguments(run, settings, places, TEMPLATE, output), monkeypatch)
    return run, places, settings, output


@pytest.fixture(scope="module")
def page(made):
    return Page(made[3].read_text(encoding="utf-8"))


def test_every_figure_is_there_and_not_blank(made):
    for key, path in made[1].items():
        assert matplotlib.image.imread(path)[..., :3].std() > 0.02, key


def test_page_is_well_formed(page):
    assert page.faults == []
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)


def test_page_needs_no_network(made, page):
    for source in page.sources:
        assert not source.startswith(("http:", "https:", "//")), source[:80]
    text = made[3].read_text(encoding="utf-8")
    assert "@import" not in text
    assert "url(" not in text


def test_every_image_decodes_and_is_described(page):
    assert len(page.images) == 2 + 6 + 2 * 5  # two thumbnails, six of the dataset, five a model
    for image in page.images:
        head, _, data = image["src"].partition(",")
        assert head == "data:image/png;base64"
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data, validate=True)))
        assert picture.shape[:2] == (int(image["height"]), int(image["width"]))
        assert image["alt"]


def test_every_link_resolves(made, page):
    files = [link for link in page.links if not link.startswith("#")]
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
    for link in files:
        assert (made[3].parent / unquote(link)).is_file(), link
    names = {Path(unquote(link)).name for link in files}
    assert {"leader board.csv", "attrition.csv", "metrics.json", "model.json"} <= names


def test_page_says_what_it_must(page):
    text = " ".join("".join(page.text).split())
    assert "simulated galaxies" in text
    assert "Generated stamps are scored raw: noise is not yet added to them" in text
    assert "Wasserstein-1" in text
    assert text.index("Leaderboard: simulated_cosmos") < text.index("How to read this", 200)
    for fact in ("galsim", "2.8.5", "abababab", "split.seed", "latent_size", "cdcdcd"):
        assert fact in text, fact


def test_failed_model_is_shown_with_its_reason(page):
    row = next(row for row in page.rows if "danilov_flow_vae_40" in row)
    assert "failed" in row
    assert REASON in row, "escaped, not swallowed as a tag"


def test_differences_from_the_paper_are_visible(page):
    rows = [" ".join(row.split()) for row in page.rows]
    assert "SettingPaperThis run" in rows
    assert any(row.startswith("epochs") and row.endswith("30") and "150" in row for row in rows)
    assert "As in the paper." in "".join(page.text)


def test_files_must_be_those_of_the_settings(made, tmp_path, monkeypatch):
    run, places, settings, _ = made
    fewer = {key: path for key, path in places.items() if not key.endswith("40/curve")}
    arguments = report_arguments(run, settings, fewer, TEMPLATE, tmp_path / "index.html")
    with pytest.raises(InputError, match=r"no file is given for figure/.*40/curve"):
        run_entry_with(build_report, arguments, monkeypatch)
    more = report_arguments(run, settings, places, TEMPLATE, tmp_path / "index.html")
    with pytest.raises(InputError, match="metrics/other/x belongs to no"):
        run_entry_with(build_report, [*more, "--file", "metrics/other/x=y"], monkeypatch)
    assert not (tmp_path / "index.html").exists()


def test_a_table_without_its_columns_is_named(made, tmp_path, monkeypatch):
    run, places, settings, _ = made
    bad = tmp_path / "bad.csv"
    bad.write_text("cut,remaining\nall,3\n")
    arguments = report_arguments(run, settings, places, TEMPLATE, tmp_path / "index.html")
    arguments = [text.replace(str(run.attrition), str(bad)) for text in arguments]
    with pytest.raises(InputError, match=r"bad\.csv: has no column removed_alone, removed_in_sequence"):
        run_entry_with(build_report, arguments, monkeypatch)


def test_selection_of_other_galaxies_is_refused(made, tmp_path, monkeypatch):
    run, places = made[0], made[1]
    other = tmp_path / "other.csv"
    table = pd.read_csv(run.selection)
    table.assign(identifier=table["identifier"] + 1).to_csv(other, index=False)
    arguments = [text.replace(str(run.selection), str(other)) for text in dataset_arguments(run, places)]
    with pytest.raises(InputError, match=r"other\.csv: keeps other galaxies than the dataset holds"):
        run_entry_with(plot_dataset, arguments, monkeypatch)


def test_model_that_cannot_encode_and_colour_stamps(tmp_path, monkeypatch):
    run = make_run(tmp_path, count=80, channels=3)
    empty = Stamps.plain(np.zeros((0, 3, 64, 64), np.float32))
    path = run.model(MODELS[0], "reconstruction.h5")
    write_stamps(path, [empty], {"split": "test", "reason": "a GAN cannot encode"})
    places = figures(run)
    run_entry_with(plot_dataset, dataset_arguments(run, places), monkeypatch)
    run_entry_with(plot_model, model_arguments(run, MODELS[0], places), monkeypatch)
    rows = matplotlib.image.imread(places[f"figure/simulated_cosmos/{MODELS[0]}/reconstructions"])
    assert rows.shape[1] == 7 * 128, "the figure that speaks in words"
    samples = matplotlib.image.imread(places[f"figure/simulated_cosmos/{MODELS[0]}/samples"])[..., :3]
    assert np.abs(samples[..., 0] - samples[..., 2]).max() > 0.1, "colour stamps are drawn in colour"


def test_leaderboard_without_any_score():
    columns = {"model": ["survey stamps (floor)", "a"], "status": "failed", "reason": ["none", np.nan]}
    board = leaderboard(pd.DataFrame(columns).assign(mean_distance=np.nan, distance_gini=np.nan))
    assert board.parameters == ["gini"]
    assert board.floor_share is None
    assert [row["share"] for row in board.rows] == [None, None]
    assert [row["reason"] for row in board.rows] == ["none", ""]


def test_how_values_are_written():
    assert number(0.3) == "0.300"
    assert number(1234.5) == "1.23e+03"
    assert number(321.4) == "321"
    assert number(float("nan")) == "–"
    assert written(True) == "yes"
    assert written([0.5, 0.999]) == "0.5, 0.999"
    assert written(40_100_000) == "40,100,000"
    assert written(2020) == "2020"
    assert written(None) == "–"
    assert anchor("a b", "c/d") == "a%20b--c%2Fd"
    nested = {"a": json.dumps({"b": [1, 2], "c": [{"d": 3}]}), "e": "[not JSON"}
    assert dict(flattened(nested)) == {"a.b": [1, 2], "a.c[0].d": 3, "e": "[not JSON"}
