"""The report page, made by the entries from a small made-up run, as text and in a real browser."""

import base64
import io
import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from galforge.configuration import layout
from galforge.configuration.figures import FIGURES, MODEL_FIGURES
from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.figures import report
from galforge.figures.report import sign
from galforge.figures.report_leaderboard import leaderboard, tied_columns
from galforge.figures.report_text import anchor, cell, flattened, number, written
from galforge.figures.style import save_drawn
from tests.helpers.browser import BROWSER, Page, told_by
from tests.helpers.report_inputs import (
    ASKED,
    CAPTIONS,
    CONTROLS,
    DATASET,
    FAILED,
    MODELS,
    REASON,
    Run,
    draw_dataset,
    draw_latents,
    draw_model,
    make_run,
    report_files,
    write_report,
)

# Before anything else on the page; resources that fail do not bubble, so errors are caught on their way down.
LISTEN = """<script>
const faults = [];
addEventListener("error", event => faults.push(event.message ?? event.target.outerHTML.slice(0, 200)), true);
addEventListener("unhandledrejection", event => faults.push(String(event.reason)));
</script>"""

ACT = """<script>
const frame = () => new Promise(resolve => setTimeout(resolve, 50));
const visible = () => [...document.querySelectorAll(".page")].filter(page => page.offsetHeight > 0)
  .map(page => page.getAttribute("aria-labelledby") ?? page.id);
const go = async hash => { location.hash = hash; await frame(); return visible(); };
const act = async () => {
  const found = { first: visible(), turned: [] };
  found.width = [document.documentElement.scrollWidth, innerWidth];
  const table = document.querySelector("#leaderboards table");
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex(head => head.textContent.startsWith("Mean distance"));
  const button = heads[column].querySelector("button");
  button.focus();
  found.focused = document.activeElement === button;
  const order = () => [...table.tBodies[0].rows].map(row => row.cells[column].dataset.value);
  found.orders = [order()];
  for (let count = 0; count < 2; count++) {
    button.click();
    found.orders.push([heads[column].getAttribute("aria-sort"), ...order()]);
  }
  for (const link of document.querySelectorAll("nav a")) {
    found.turned.push([link.hash.slice(1), ...await go(link.hash)]);
    found.widest = Math.max(found.widest ?? 0, document.documentElement.scrollWidth - innerWidth);
  }
  found.marked = [...document.querySelectorAll("nav a[aria-current]")].map(link => link.hash.slice(1));
  const rows = () => [...table.tBodies[0].rows].filter(row => row.offsetHeight > 0).length;
  const tick = (name, value) => document.querySelector(`.choices [data-${name}="${value}"]`).click();
  await go("#leaderboards");
  found.rows = [rows()];
  for (const kind of ["control", "control"]) { tick("kind", kind); found.rows.push(rows()); }
  const copies = heads.find(head => head.textContent.startsWith("Copies"));
  found.copies = [copies.offsetWidth > 0];
  for (let count = 0; count < 2; count++) {
    tick("column", "Copies");
    found.copies.push(copies.offsetWidth > 0);
  }
  // A picture that could not be decoded has no width of its own.
  found.pictures = [...document.images].map(image => [image.naturalWidth, +image.getAttribute("width")]);
  return found;
};
const say = found => parent.postMessage({ ...found, faults }, "*");
addEventListener("load", () => act().then(say, error => say({ failed: String(error) })));
</script>"""

# Headless chromium makes no window narrower than 500 px; a frame can be as narrow as a phone.
FRAME = """<!DOCTYPE html><iframe src="{page}" style="width:{width}px;height:900px;border:0"></iframe>
<pre></pre><script>
addEventListener("message", event => document.querySelector("pre").textContent = JSON.stringify(event.data));
</script>"""


@pytest.fixture(scope="module")
def page(made):
    return Page(made[2].read_text(encoding="utf-8"))


def test_every_figure_is_there_and_not_blank(made):
    run, content = made[:2]
    for path in report_files(run, content):
        if path.suffix == ".png":
            assert matplotlib.image.imread(path)[..., :3].std() > 0.02, path
        if path.suffix == ".pdf":
            assert path.read_bytes()[:5] == b"%PDF-", path


def test_every_figure_has_a_caption():
    assert set(FIGURES) <= {path.stem for path in CAPTIONS}


def test_the_page_has_the_numbers_of_what_was_asked(made):
    run, _, output = made
    text = output.read_text(encoding="utf-8")
    model, failed = ASKED
    numbers = read_json(run.path(layout.ASKED_NUMBERS, model))
    part = text[text.index("<h3>Asked and measured</h3>") :]
    part = part[: part.index("</section>")]
    for group in ("model", "survey", "baseline"):
        found = numbers["columns"]["flux_radius"][group]
        for name in ("slope", "r_squared_of_identity", "squared_correlation", "median_offset"):
            written_so = cell({"one": found[name], "one_error": found[f"{name}_error"]}, "one")
            assert f"<td>{written_so}" in part, (group, name)
    assert "Not measured: photometric redshift (nothing here measures it on a stamp)." in part
    assert "Distances within thirds of each condition" in part
    assert "size and magnitude together" in part
    failed_part = text[text.rindex("<h3>Asked and measured</h3>") :]
    failed_part = failed_part[: failed_part.index("</section>")]
    assert f"{failed}/asked.json" in failed_part
    assert "Slope" not in failed_part
    assert text.count("<h3>Asked and measured</h3>") == 2


def test_page_is_well_formed(page):
    assert page.faults == []
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.named) <= set(page.ids)


def test_page_needs_no_network(made, page):
    for source in page.sources:
        assert not source.startswith(("http:", "https:", "//")), source[:80]
    text = made[2].read_text(encoding="utf-8")
    assert "@import" not in text
    assert "url(" not in text
    assert "<script src" not in text


def test_every_image_is_that_of_its_file_and_described(made, page):
    # Strips of the floor, two models and two controls (and the failed one's, which says so), six figures of
    # the dataset, six that compare; all of the two models, and those of the failed one but its latents;
    # what was asked of two, one explorer, and the classes of one.
    latents = sum(figure.section == "Latents" for figure in MODEL_FIGURES)
    assert len(page.images) == 6 + 6 + 6 + 3 * len(MODEL_FIGURES) - latents + len(ASKED) + 2
    for image in page.images:
        head, _, data = image["src"].partition(",")
        assert head == "data:image/webp;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
            assert picture.size == (int(image["width"]), int(image["height"]))
        assert image["alt"]
    assert len({image["alt"] for image in page.images}) == len(page.images), "each alt text says which"
    samples = next(image for image in page.images if image["alt"] == "Samples, danilov_beta_vae")
    data = base64.b64decode(samples["src"].partition(",")[2])
    original = Image.open(made[0].figure("samples", "danilov_beta_vae")).convert("RGB")
    assert (np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) == np.asarray(original)).all()


def test_every_link_resolves(made, page):
    files = [link for link in page.links if not link.startswith("#")]
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
    for link in files:
        assert (made[2].parent / unquote(link)).is_file(), link
    names = {Path(unquote(link)).name for link in files}
    tables = {f"{DATASET}.csv", "attrition.csv", "latents.csv", "correlations.csv", "bounds.csv"}
    tables |= {"regression.csv", "grid.csv", "physics.json"}
    assert tables | {"scores.json", "model.json", "latents.json", "samples.pdf"} <= names


def test_the_rule_asks_for_all_that_the_page_shows_and_links(made, page, tmp_path):
    run, content = made[:2]
    asked = {path.relative_to(run.results) for path in report_files(run, content)}
    linked = {made[2].parent / unquote(link) for link in page.links if not link.startswith("#")}
    assert {path.resolve().relative_to(run.results.resolve()) for path in linked} <= asked
    alone = Run(tmp_path)
    for path in asked:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).symlink_to(run.results / path)
    write_report(alone, content, alone.path(layout.REPORT))
    assert alone.path(layout.REPORT).read_bytes() == made[2].read_bytes()


def test_a_link_leads_from_the_page_to_the_file():
    assert report.link(layout.LEADERBOARD, "a") == "../leaderboard/a.csv"
    assert report.link(FIGURES["walk"].vectors, "a", "b c") == "../evaluation/a/b%20c/walk.pdf"


def test_every_page_can_be_reached(page):
    targets = {link[1:] for link in page.links if link.startswith("#")}
    assert set(page.named) <= targets


def test_page_says_what_it_must(page):
    text = " ".join("".join(page.text).split())
    assert "simulated galaxies" in text
    assert "brought to the noise of a stamp of the survey" in text
    assert "Wasserstein-1" in text
    digests = ("abababab", "cdcdcd", "0f0f0f")
    for fact in ("galsim", "2.8.5", "split.seed", "latent_size", "20,201,006", *digests):
        assert fact in text, fact
    assert "Nothing to show: loss became NaN at epoch 2 <stopped>." in text
    assert "Left out before the cuts: 1 galsim: no image." in text
    assert "Of 6 latents" in text
    assert "flux0.953 ± 0.012" in text.replace("> ", "")
    assert "for the 17 galaxies that it can measure on both" in text


def test_failed_model_is_shown_with_its_reason(page):
    row = next(row for row in page.rows if FAILED in row)
    assert "failed" in row
    assert REASON in row, "escaped, not swallowed as a tag"


def test_the_report_is_written_and_says_what_could_not_be_drawn_or_scored(made, tmp_path):
    run, content, _ = made
    model, reason = "danilov_beta_vae", "no distance of gini: the sample has 9 usable values, not 10"

    def fail():
        raise ZeroDivisionError("injected")

    drawn = [run.figure("score_comparison"), run.figure("samples", model)]
    board, scores = run.path(layout.LEADERBOARD), run.path(layout.MODEL_SCORES, model)
    before = {path: path.read_bytes() for path in (*drawn, board, scores)}
    for path in drawn:
        save_drawn(fail, path, vectors=False)
    table = read_table(board)
    table.loc[table["model"] == model, ["status", "reason", "mean_distance"]] = "not scored", reason, np.nan
    write_table(board, table)
    write_json(scores, read_json(scores) | {"status": "not scored", "reason": reason})
    try:
        write_report(run, content, tmp_path / "index.html")
    finally:
        for path, data in before.items():
            path.write_bytes(data)
    page = Page((tmp_path / "index.html").read_text(encoding="utf-8"))
    text = "".join(page.text)
    assert page.faults == []
    assert text.count("Not drawn:") == 2
    assert text.count("ZeroDivisionError: injected") == 2
    row = next(row for row in page.rows if model in row and "not scored" in row)
    assert reason in row
    assert "6.0 ± 1.0 %" in row, "its other scores stand"
    assert f"Not scored: {reason}" in text


def test_floor_controls_and_ties_are_marked(page):
    rows = [" ".join(row.replace("\u2060", "").split()) for row in page.rows]
    assert any(row.startswith("– survey stamps (floor)") and "0.060 ± 0.020" in row for row in rows)
    control = next(row for row in rows if "control_parametric" in row)
    assert "control: single-Sersic galaxies" in control
    assert "not told from the floor" in control
    model = next(row for row in rows if row.startswith("1 1 to 2 ●") and "danilov_beta_vae" in row)
    assert "not told" not in model
    assert "6.0 ± 1.0 %" in model
    assert "0.870 ± 0.030" in model
    assert "held back" not in model
    copier = next(row for row in rows if "control_memorizer" in row)
    assert "held back 93% are copies of training stamps, 1% of held-out stamps" in copier


def test_every_table_marks_ties_with_the_floor(page):
    rows = [" ".join(row.replace("\u2060", "").split()) for row in page.rows]
    mark = "not told from the floor"
    every = {}
    for row in rows:
        name = row.removeprefix("● ").removeprefix("■ ").split(maxsplit=1)[0]
        every.setdefault(name.strip("●■"), []).append(row)
    # Of the model the distance of the Gini coefficient is tied, of the control its mean distance, too.
    distances, scores = every["danilov_beta_vae"]
    assert distances.count(mark) == 1
    assert scores.count(mark) == 0
    distances, scores = every["control_parametric"]
    assert distances.count(mark) == 1
    assert scores.count(mark) == 1
    assert f"0.700 ± 0.020{mark}" in scores.replace(" not told", "not told")


def test_ties_are_those_of_the_column_that_is_shown():
    listed = pd.DataFrame(
        [
            ("a", "noise_matched", "kid_pca", 1),
            ("a", "raw", "kid_pca", 0),
            ("a", "raw", "mean_distance", 1),
            ("b", "raw", "kid_pca", 1),
            ("b", "noise_matched", "kid_pca", np.nan),
            ("b", "reconstructed", "reconstruction_mse", np.nan),
        ],
        columns=["model", "variant", "score", "tied"],
    )
    assert tied_columns(listed) == {"a": {"kid_pca", "mean_distance_raw"}}


def test_differences_from_the_paper_are_visible(page):
    rows = [" ".join(row.split()) for row in page.rows]
    assert "SettingAfter the paperThis run" in rows
    assert any(row.startswith("epochs") and row.endswith("30") and "150" in row for row in rows)
    text = "".join(page.text)
    assert text.count("As in the paper, with the choices that the description names.") == 1
    assert text.count("galforge has no recipe of this name") == 1


def test_latents_are_in_numbers(made):
    run = made[0]
    table = pd.read_csv(run.path(layout.LATENT_TABLE, "danilov_beta_vae"))
    analysis = json.loads(run.path(layout.LATENT_ANALYSIS, "danilov_beta_vae").read_text())
    # Widths were made from 0.01 up to sqrt 0.5, a latent each.
    assert table.sort_values("latent")["width"].to_numpy() == pytest.approx(
        np.sqrt(np.geomspace(1e-4, 0.5, 6)), rel=1e-5
    )
    assert analysis["snr"]["max"] == pytest.approx(table["snr"].max())
    assert sum(analysis["bands"].values()) == 6
    assert [entry["angle"] for entry in analysis["rotation"]] == [0, 90]
    assert [entry["snr"] for entry in analysis["noise"]] == [60, 20]
    followed = {entry["parameter"] for entry in analysis["followed"]}
    assert {"width", "snr", "measured_gini"} <= followed
    bounds = pd.read_csv(run.path(layout.BOUNDS))
    assert bounds["bound"].tolist() == [8, 40]
    assert bounds["snr_max"][0] == pytest.approx(analysis["snr"]["max"])
    assert bounds.drop(columns=["model", "bound"]).iloc[1].isna().all(), "the failed model has no numbers"


def test_a_table_without_its_columns_is_named(made, tmp_path):
    run, content, _ = made
    path = run.path(layout.ATTRITION)
    before = path.read_text()
    path.write_text("cut,remaining\nall,3\n")
    with pytest.raises(InputError, match=r"attrition\.csv: has no column removed_alone, removed_in_sequence"):
        write_report(run, content, tmp_path / "index.html")
    path.write_text(before)
    assert not (tmp_path / "index.html").exists()


def test_selection_of_other_galaxies_is_refused(made, tmp_path):
    run = made[0]
    other = tmp_path / "other.csv"
    table = pd.read_csv(run.path(layout.SELECTION))
    table.assign(identifier=table["identifier"] + 1).to_csv(other, index=False)
    with pytest.raises(InputError, match=r"other\.csv: holds other galaxies than .*simulated_cosmos\.h5"):
        draw_dataset(run, selection=other)


def test_model_that_cannot_encode_and_colour_stamps(tmp_path):
    run = make_run(tmp_path, count=80, channels=3)
    model = "danilov_beta_vae"
    empty = Stamps.plain(np.zeros((0, 3, 64, 64), np.float32))
    write_stamps(
        run.path(layout.RECONSTRUCTION, model), [empty], {"split": "test", "reason": "a GAN cannot encode"}
    )
    draw_dataset(run)
    draw_model(run, model)
    draw_latents(run, model)
    rows = matplotlib.image.imread(run.figure("reconstructions", model))
    assert rows.shape[1] == 7 * 128, "the figure that speaks in words"
    for name in ("samples", "traversals", "probe"):
        picture = matplotlib.image.imread(run.figure(name, model))[..., :3]
        assert np.abs(picture[..., 0] - picture[..., 2]).max() > 0.1, f"{name} is drawn in colour"


def test_leaderboard_without_any_score():
    columns = {
        "model": ["survey stamps (floor)", "a"],
        "kind": ["floor", "model"],
        "status": "failed",
        "reason": ["none", np.nan],
        "gate": np.nan,
        "ranks": np.nan,
    }
    table = pd.DataFrame(columns).assign(mean_distance=np.nan, distance_gini=np.nan)
    board = leaderboard(table, pd.DataFrame(columns=["model", "variant", "score", "tied"]))
    assert board.parameters == ["gini"]
    assert board.floor_share is None
    assert [row["share"] for row in board.rows] == [None, None]
    assert [row["reason"] for row in board.rows] == ["none", ""]


def test_a_table_that_is_mostly_ties_says_so():
    """On 100 stamps, places alone look like knowledge."""
    scores = pd.DataFrame(columns=["model", "variant", "score", "tied"])

    def warning(error, ranks=("1", "2", "3", np.nan)):
        table = pd.DataFrame(
            {"model": [*"abcd"], "kind": "model", "reason": np.nan, "gate": np.nan, "ranks": ranks}
        )
        distances = {"mean_distance": [0.2, 0.3, 0.4, np.nan], "mean_distance_error": error}
        return leaderboard(table.assign(**distances, stamps=100), scores).warning

    # Two errors of a difference are 2 sqrt(2) times that of one distance: 0.14, and 0.28.
    assert warning(0.05).startswith("2 of 3 pairs of models cannot be told apart: on 100 stamps")
    assert warning(0.1).startswith("3 of 3 pairs")
    assert warning(0.03) == ""
    assert warning(0.1, [np.nan] * 4) == ""


def test_how_values_are_written():
    row = {"a": 0.3333, "a_error": 0.0123, "b_fraction": 0.25, "c": 12345.6, "c_error": 321.0}
    assert cell(row, "a") == "0.333 ± 0.012"
    assert cell(row, "b_fraction") == "25.0 %"
    assert cell(row, "c") == "12346 ± 321"
    assert cell({"distance_x": 1.0, "error_x": 0.5}, "distance_x") == "1.00 ± 0.50"
    assert cell({"a": 0.5, "a_error": 0.0}, "a") == "0.500"
    assert cell({"a": 0.000948343, "a_error": 0.0000214}, "a") == "0.000948 ± 0.000021"
    assert cell(row, "absent") == "–"
    assert cell({"parameters": 40_100_000}, "parameters") == "40,100,000"
    assert sign(0) != sign(6)
    assert sign(0).colour == sign(6).colour
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


def browse(page, folder, width):
    """Return what the page said after it was used in a window of this width (px)."""
    text = page.read_text(encoding="utf-8")
    watched = text.replace("<head>", f"<head>{LISTEN}", 1).replace("</body>", f"{ACT}</body>", 1)
    (folder / "page.html").write_text(watched, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.format(page="page.html", width=width))
    return told_by(folder / "frame.html", folder / "profile", (1600, 1000))


@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on this machine")
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_works_in_a_browser(made, tmp_path, width):
    said = browse(made[2], tmp_path, width)
    assert said["faults"] == []
    assert "failed" not in said, said
    assert said["first"] == ["leaderboards"]
    assert said["pictures"]
    for natural, declared in said["pictures"]:
        assert natural == declared
    assert said["width"][0] <= said["width"][1], "the page itself does not scroll sideways"
    assert said["widest"] <= 0
    for target, *shown in said["turned"]:
        assert shown == [target], "one page at a time, the one that was asked for"
    assert len(said["turned"]) == 7
    assert said["marked"] == [said["turned"][-1][0]]

    assert said["focused"], "heads can be reached with the keyboard"
    before, (first, *rising), (second, *falling) = said["orders"]
    assert (first, second) == ("ascending", "descending")
    numbers = [float(value) for value in before if value]
    assert len(numbers) == len(before) - 1, "one training failed"
    assert [float(value) for value in rising[:-1]] == sorted(numbers)
    assert [float(value) for value in falling[:-1]] == sorted(numbers, reverse=True)
    assert rising[-1] == falling[-1] == "", "the failed stay last"
    every, without_controls, again = said["rows"]
    assert (every, every - without_controls, again) == (1 + len(MODELS) + len(CONTROLS), len(CONTROLS), every)
    assert said["copies"] == [True, False, True]


OTHER = "other_cosmos"

ACT_ON_TWO = """<script>
const shown = element => element.offsetHeight > 0;
const frame = () => new Promise(resolve => setTimeout(resolve, 100));
addEventListener("load", async () => {
  const explorers = [...document.querySelectorAll(".explorer")];
  while (explorers.some(explorer => explorer.hidden)) await frame();
  const all = what => [...document.querySelectorAll(what)];
  const boards = () => all(".board").filter(shown).map(board => board.dataset.dataset);
  const ticks = all(".choices [data-dataset]");
  const found = { faults, boards: [boards()], places: [], stamps: [] };
  for (const tick of [ticks[0], ticks[0], ticks[1]]) { tick.click(); found.boards.push(boards()); }
  for (const explorer of explorers) {
    const page = explorer.closest(".page");
    location.hash = page.getAttribute("aria-labelledby");
    await frame();
    found.places.push(all(".page").filter(shown).map(page => page.querySelector("h2").id));
    const [first, second] = explorer.querySelectorAll("input");
    [first.value, second.value] = [2, 1];
    first.dispatchEvent(new Event("input", { bubbles: true }));
    const canvas = explorer.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    found.stamps.push([...pixels].filter((_, at) => at % 4 === 0));
  }
  found.names = explorers.map(explorer => explorer.querySelector("input").labels.length);
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = JSON.stringify(found);
});
</script></body>"""


def with_another_dataset(run, content, folder):
    """Return the page of a run of two datasets, the second as the first but for its explorers' stamps."""
    for path in run.results.rglob("*"):
        if path.is_file() and run.path(layout.REPORT) != path:
            place = path.relative_to(run.results)
            for name in {str(place), str(place).replace(DATASET, OTHER)}:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, folder / name)
    copied = Run(folder)
    for model in ASKED:
        sheet = FIGURES["explorer"].picture.at(folder, dataset=OTHER, model=model)
        with Image.open(sheet) as picture:
            turned = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        turned.save(sheet, format="WEBP", lossless=True)
    (dataset,) = content.datasets
    both = content.model_copy(update={"datasets": [dataset, dataset.model_copy(update={"name": OTHER})]})
    write_report(copied, both, copied.path(layout.REPORT))
    return copied.path(layout.REPORT)


@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on this machine")
def test_each_of_two_datasets_has_its_own_board_pages_and_explorers(made, tmp_path):
    page = with_another_dataset(*made[:2], tmp_path / "results")
    text = page.read_text(encoding="utf-8")
    assert Page(text).faults == [] and len(set(Page(text).ids)) == len(Page(text).ids)
    watched = text.replace("<head>", f"<head>{LISTEN}", 1).replace("</body>", ACT_ON_TWO, 1)
    (tmp_path / "page.html").write_text(watched, encoding="utf-8")
    found = told_by(tmp_path / "page.html", tmp_path / "profile", (1280, 900))
    assert found["faults"] == []
    assert found["boards"] == [[DATASET, OTHER], [OTHER], [DATASET, OTHER], [DATASET]]
    model = ASKED[0]
    assert found["places"] == [[anchor(DATASET, model)], [anchor(OTHER, model)]]
    assert found["names"] == [1, 1], "a label is of its own slider alone"
    for dataset, stamp in zip((DATASET, OTHER), found["stamps"], strict=True):
        sheet = FIGURES["explorer"].picture.at(tmp_path / "results", dataset=dataset, model=model)
        pixels = np.asarray(Image.open(sheet).convert("RGB"))[..., 0]
        assert stamp == pixels[128:192, 64:128].ravel().tolist(), dataset


def test_markup_in_text_of_others_is_text_on_the_page(made, tmp_path):
    """Titles, descriptions and credits come with a configuration, which may be a stranger's."""
    run, content, _ = made
    evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
    dataset = content.datasets[0]
    models = [
        model.model_copy(update=dict.fromkeys(("label", "description", "paper", "reason"), evil))
        for model in dataset.models
    ]
    changed = content.model_copy(
        update={
            "title": evil,
            "datasets": [dataset.model_copy(update={"models": models, "description": evil})],
            "configuration": {"seed": 1, evil: {"key": [evil]}},
        }
    )
    write_report(run, changed, tmp_path / "index.html")
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text and "<script>alert" not in text
    assert text.count("&lt;img src=x") >= 4
    assert Page(text).faults == []


def test_people_read_labels_and_files_keep_names(made, tmp_path):
    run, content, _ = made
    dataset = content.datasets[0]
    called = {name: f"β-VAE {number} <of 2020>" for number, name in enumerate(MODELS)}
    models = [model.model_copy(update={"label": called[model.name]}) for model in dataset.models]
    changed = content.model_copy(update={"datasets": [dataset.model_copy(update={"models": models})]})
    write_report(run, changed, tmp_path / "index.html")
    page = Page((tmp_path / "index.html").read_text(encoding="utf-8"))
    text = "".join(page.text)
    for name, label in called.items():
        assert any(label in row for row in page.rows), "in the leaderboard"
        assert text.count(name) == 2, "the page says once what the files are called, and the record does"
        assert f"../evaluation/{DATASET}/{name}/scores.json" in page.links
    assert {f"Samples, {label}" for label in called.values()} <= {image["alt"] for image in page.images}


def test_of_a_model_that_does_not_encode_there_are_no_empty_boxes(made, tmp_path):
    run, content, _ = made
    model = "danilov_beta_vae"
    scores, analysis = run.path(layout.MODEL_SCORES, model), run.path(layout.LATENT_ANALYSIS, model)
    before = {path: path.read_bytes() for path in (scores, analysis)}
    counts = read_json(scores)["count"] | {"reconstructed": 0}
    write_json(scores, read_json(scores) | {"count": counts})
    write_json(analysis, {"reason": f"{model} has no encoder"})
    try:
        write_report(run, content, tmp_path / "index.html")
    finally:
        for path, data in before.items():
            path.write_bytes(data)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    part = text[text.index(f'aria-labelledby="{DATASET}--{model}"') :]
    part = part[: part.index("</section>")]
    headings = re.findall("<h3>(.*?)</h3>", part)
    assert "Samples" in headings and "Explorer" in headings
    assert not {"Reconstructions", "Interpolation", "Latents"} & set(headings)
    assert "This model encodes no stamps, so there are no reconstructions, interpolation, latents." in part


def test_latents_and_galaxies_are_related_on_the_page(made, page):
    grid = json.loads(made[0].path(layout.PHYSICS, "danilov_beta_vae").read_text())["grid"]
    # Gaussians of just the size and axis ratio that were asked for.
    assert grid["size"]["slope"] == pytest.approx(1, abs=0.1)
    assert grid["axis_ratio"]["slope"] == pytest.approx(1, abs=0.1)
    text = " ".join("".join(page.text).split())
    assert "higher by 1.50 nats than without them" in text
    assert "principal components hold 90 % of the latents’ variance" in text
    rows = [" ".join(row.split()) for row in page.rows]
    assert any(row.startswith("axis ratio") for row in rows)


def test_classes_from_latents_are_on_the_pages_of_the_models_that_have_them(made, page):
    run, _, output = made
    model, failed = ASKED
    (found,) = read_json(run.path(layout.CLASSES, model))["columns"]
    assert found["reason"] == ""
    rows = [" ".join(row.split()) for row in page.rows]
    row = next(row for row in rows if row.startswith("use bulge fit"))
    assert cell(found, "accuracy") in row and cell(found, "balanced_accuracy") in row
    text = output.read_text(encoding="utf-8")
    assert text.count("Classes from the latents of") == 1
    for name in ("classes.csv", "classes.json", "classes.pdf"):
        assert f"{model}/{name}" in text
    assert read_json(run.path(layout.CLASSES, failed))["columns"] == []
    assert f"{failed}/classes.png" not in text
