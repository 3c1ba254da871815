"""What was asked against what is measured: numbers, and the entries on files."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.signal import convolve2d

from galforge.core.files import read_json
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import Stamps, read_catalog, read_stamps, write_stamps
from galforge.evaluation import galaxy_distances, resampling
from galforge.evaluation.asked import (
    Galaxies,
    asked_table,
    measures_of,
    relation,
    relation_with_errors,
)
from galforge.evaluation.asked_files import MeasuredFiles, read_judged
from galforge.evaluation.asked_judgement import AskedSettings
from galforge.evaluation.galaxy_distances import Matrices, distance_rows, energy_distance
from galforge.evaluation.measured_galaxies import Units, measure_galaxies
from galforge.evaluation.scales import coordinates
from tests.helpers.entries import run_stage
from tests.helpers.flux_survey import (
    CONDITIONS,
    FLUX_SCALE,
    SCALE,
    SIZE,
    SURVEY_SCALE,
    ZERO_POINT,
    draw_galaxies,
    psfs,
    write_dataset,
    write_sample,
)
from workflow_scripts.evaluation import draw_control, match_noise, measure_asked

COUNT = 45
SETTINGS = {"conditions": CONDITIONS, "count": COUNT, "resamples": 20, "seed": 1}
IN_FLUX = Units(True, ZERO_POINT, SCALE, SURVEY_SCALE)
IN_RANGE = Units(False, np.nan, np.nan, np.nan)


def pairs(count=200, slope=0.8, offset=0.3, scatter=0.1, seed=1):
    random = np.random.default_rng(seed)
    asked = random.uniform(20, 23, count)
    return asked, slope * asked + offset + random.normal(0, scatter, count)


def test_the_numbers_are_those_of_least_squares():
    asked, measured = pairs()
    found, line = relation(asked, measured, "linear"), stats.linregress(asked, measured)
    assert found["slope"] == pytest.approx(line.slope)
    assert found["intercept"] == pytest.approx(line.intercept)
    assert found["squared_correlation"] == pytest.approx(np.corrcoef(asked, measured)[0, 1] ** 2)
    residual = measured - line.slope * asked - line.intercept
    assert found["scatter"] == pytest.approx(np.sqrt((residual**2).mean()))
    identity = 1 - ((measured - asked) ** 2).sum() / ((asked - asked.mean()) ** 2).sum()
    assert found["r_squared_of_identity"] == pytest.approx(identity)
    assert identity < 0 < found["squared_correlation"], "an offset is no fault of the correlation"
    assert found["median_offset"] == pytest.approx(np.median(measured - asked))


def test_sizes_are_compared_in_decades():
    asked, measured = 10 ** (pairs()[0] - 21), 10 ** (pairs()[1] - 21)
    logarithms = relation(np.log10(asked), np.log10(measured), "linear")
    assert relation(asked, measured, "logarithm") == pytest.approx(logarithms)
    assert coordinates(np.array([0.0, -1.0, 10.0, np.inf]), "logarithm")[:, 0] == pytest.approx(
        [np.nan, np.nan, 1.0, np.nan], nan_ok=True
    )


def test_an_angle_is_the_same_half_a_turn_on():
    random = np.random.default_rng(1)
    asked, error = random.uniform(0, np.pi, 2000), random.normal(0.2, 0.05, 2000)
    turned = asked + error + np.pi * random.integers(-2, 3, 2000)
    found = relation(asked, turned, "angle")
    assert found["median_offset"] == pytest.approx(np.median(error))
    # Errors of the double angle: a shrinks by the mean cosine, and a turn costs 2 (1 - cos).
    assert found["slope"] == pytest.approx(np.cos(2 * error).mean(), abs=0.01)
    assert found["r_squared_of_identity"] == pytest.approx(1 - (2 - 2 * np.cos(2 * error)).mean(), abs=0.01)
    small = random.normal(0, 0.05, 2000)
    assert relation(asked, asked + small, "angle")["scatter"] == pytest.approx(0.05, rel=0.05)
    ignored = relation(asked, random.uniform(0, np.pi, 2000), "angle")
    assert abs(ignored["slope"]) < 0.05
    assert ignored["squared_correlation"] < 0.01
    assert ignored["r_squared_of_identity"] == pytest.approx(-1, abs=0.1)


def test_errors_are_those_of_the_slope_and_values_that_were_left_out_are_counted():
    asked, measured = pairs(count=400)
    expected = stats.linregress(asked, measured)
    asked[:7], measured[5:10] = np.nan, np.nan
    found = relation_with_errors(asked, measured, "linear", draws=300, seed=1)
    assert (found["count"], found["left_to_the_model"], found["not_measured"]) == (390, 7, 3)
    assert found["slope_error"] == pytest.approx(expected.stderr, rel=0.2)
    assert found["median_offset_error"] == pytest.approx(0.2 * np.sqrt(1 / 12) * 3 * 1.25 / 20, rel=0.5)
    again = relation_with_errors(asked, measured, "linear", draws=300, seed=1)
    assert again == found
    assert relation_with_errors(asked, measured, "linear", draws=300, seed=2)["slope"] == found["slope"]


def test_what_does_not_vary_or_is_not_there_has_no_numbers():
    constant = relation_with_errors(np.full(20, 3.0), np.arange(20.0), "linear", 5, 1)
    assert constant["slope"] is None
    assert constant["median_offset"] == 6.5
    json.dumps(constant, allow_nan=False)
    few = relation_with_errors(np.arange(9.0), np.arange(9.0), "linear", 5, 1)
    assert few["reason"] == "9 galaxies have both values, not 10"
    assert "slope" not in few


def galaxies(asked, units=IN_FLUX, **measured):
    table = pd.DataFrame({name: [1.0, 2.0] for name in ("magnitude", "half_light_radius", "width")})
    return Galaxies(pd.DataFrame(asked), table.assign(**measured), units)


def test_each_column_is_measured_by_its_quantity_or_the_reason_is_told():
    names = ("mag_auto", "flux_radius", "width_arcsec", "zphot", "gini", "statmorph_gini", "statmorph_m20")
    asked = {name: [1.0, 2.0] for name in names}
    measured, missing = measures_of(galaxies({**asked, "kind": ["a", "b"]}, gini=[0.5, 0.6]))
    assert {name: each.quantity for name, each in measured.items()} == {
        "mag_auto": "magnitude", "flux_radius": "half_light_radius", "width_arcsec": "width_arcsec",
        "gini": "gini", "statmorph_gini": "gini",
    }  # fmt: skip
    assert missing == {
        "zphot": "nothing here measures it on a stamp",
        "statmorph_m20": "nothing here measures it on a stamp",
        "kind": "a class, which nothing here measures",
    }
    measured, missing = measures_of(galaxies(asked, IN_RANGE))
    assert not measured
    assert missing["mag_auto"].startswith("the model's galaxies have no flux")
    assert missing["flux_radius"] == "the stamps have no common pixel scale"
    without = measures_of(galaxies(asked, IN_FLUX._replace(zero_point=np.nan)))[1]
    assert without["mag_auto"] == "the zero point of the flux is not known"
    sizes = galaxies(asked)
    assert sizes.value("flux_radius", measures_of(sizes)[0]["flux_radius"]) == pytest.approx(
        np.array([1, 2]) / SURVEY_SCALE
    )


def test_stamps_without_flux_are_measured_above_their_sky():
    catalog, light = draw_galaxies(3, seed=5)
    morphology = pd.DataFrame({"row": range(3), "status": "ok", "flag_sersic": 0, "sersic_n": 1.0})
    in_flux = measure_galaxies(light, morphology, IN_FLUX)
    scaled = 0.2 + 0.8 * light / light.max(axis=(1, 2), keepdims=True)
    in_range = measure_galaxies(scaled, morphology, IN_FLUX._replace(in_flux=False))
    assert in_range[["flux", "magnitude"]].isna().all(axis=None)
    for name in ("half_light_radius", "axis_ratio", "width", "non_uniformity", "width_arcsec", "sersic_n"):
        assert in_range[name].to_numpy() == pytest.approx(in_flux[name].to_numpy(), rel=0.02), name
    assert in_flux["magnitude"].to_numpy() == pytest.approx(catalog["mag_auto"].to_numpy(), abs=0.05)


def test_the_energy_distance_is_scipys_along_a_line():
    random = np.random.default_rng(1)
    one, other = random.normal(0, 1, 50), random.normal(0.5, 2, 70)
    assert energy_distance(one[:, None], other[:, None]) == pytest.approx(stats.energy_distance(one, other))
    plane = np.stack([one, one], axis=1)
    assert energy_distance(plane, plane) == 0
    assert np.isnan(energy_distance(plane, plane[:1]))
    with_gap = np.concatenate([plane, [[np.nan, 0.0]]])
    assert energy_distance(with_gap, plane + 1) == energy_distance(plane, plane + 1)


def write_morphology(path, stamps, rows):
    """Write a table as statmorph's is; nothing here is measured by it."""
    table = pd.DataFrame({"row": rows, "status": "ok", "flag_sersic": 0, "sersic_n": 1.0})
    if "identifier" in stamps:
        table.insert(0, "identifier", stamps["identifier"].to_numpy()[rows])
    write_table(path, table)


def measure(folder, name):
    """Add noise to a sample and write its morphology; return its files."""
    raw, matched = folder / f"{name}.h5", folder / f"{name}_matched.h5"
    run_stage(match_noise, {"seed": 1}, dataset=folder / "dataset.h5", sample=raw, matched=matched)
    tables = (folder / f"{name}.csv", folder / f"{name}_matched.csv")
    for path in tables:
        write_morphology(path, read_catalog(raw), np.arange(len(read_catalog(raw))))
    return {"stamps": (raw, matched), "morphology": tables}


def ask(folder, name, conditions=CONDITIONS, baseline=None):
    """Judge a sample by what was asked; return the table and the numbers."""
    beside = {}
    if baseline:
        beside = {"baseline": baseline["stamps"], "baseline_morphology": baseline["morphology"]}
    run_stage(
        measure_asked, {**SETTINGS, "conditions": conditions}, dataset=folder / "dataset.h5",
        **measure(folder, name), real=folder / "real.csv", asked=folder / "asked.csv",
        numbers=folder / "asked.json", **beside,
    )  # fmt: skip
    return read_table(folder / "asked.csv"), read_json(folder / "asked.json")


def make_dataset(folder, **how):
    """Write a dataset and the morphology of its test stamps; return its catalogue."""
    catalog = write_dataset(folder / "dataset.h5", COUNT + 5, 2 * COUNT, **how)
    split = read_catalog(folder / "dataset.h5")["split"]
    write_morphology(folder / "real.csv", catalog, np.flatnonzero(split == "test"))
    return catalog


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A dataset in flux, its baseline, one model that does what is asked and one that does not."""
    folder = tmp_path_factory.mktemp("asked")
    make_dataset(folder)
    run_stage(
        draw_control, {"control": "control_parametric", "count": COUNT, "seed": 1},
        dataset=folder / "dataset.h5", survey=folder / "survey.json", sample=folder / "baseline.h5",
    )  # fmt: skip
    baseline = measure(folder, "baseline")
    catalog, light = draw_galaxies(COUNT, seed=7)
    catalog = catalog.assign(mag_auto=catalog["mag_auto"].where(catalog.index > 2))
    write_sample(folder / "perfect.h5", catalog, light, CONDITIONS, "perfect")
    shuffled = np.random.default_rng(1).permutation(COUNT)
    write_sample(folder / "ignoring.h5", catalog, light[shuffled], CONDITIONS, "ignoring")
    found = {name: ask(folder, name, baseline=baseline) for name in ("perfect", "ignoring")}
    return folder, found


def test_the_parametric_control_is_in_flux_and_says_whose_fits_it_holds(made):
    folder, _ = made
    control, dataset = read_stamps(folder / "baseline.h5"), read_catalog(folder / "dataset.h5")
    train = dataset[dataset["split"] == "train"].set_index("identifier")
    assert control.attributes["normalization"] == "flux"
    assert control.has_flux
    assert set(control.catalog["identifier"]) <= set(train.index)
    assert control.catalog["identifier"].is_unique
    fits = train.loc[control.catalog["identifier"]]
    assert control.flux().sum(axis=(1, 2, 3)) == pytest.approx(fits["sersic_flux"].to_numpy(), rel=0.12)
    place = {name: row for row, name in enumerate(dataset["identifier"])}
    own = psfs()[[place[name] % 2 for name in control.catalog["identifier"]]]
    _, light = draw_galaxies(len(dataset), seed=1)
    seen = [
        convolve2d(light[place[name]], psf, mode="same")
        for name, psf in zip(control.catalog["identifier"], own, strict=True)
    ]
    assert control.flux()[:, 0] == pytest.approx(np.array(seen), rel=1e-4, abs=1e-6 * float(np.max(seen)))
    turned = control.flux()[..., ::-1, ::-1]
    assert control.flux() == pytest.approx(turned, abs=1e-5 * float(turned.max())), "no noise"


def test_a_perfect_sample_is_at_the_floor(made):
    table, numbers = made[1]["perfect"]
    assert numbers["status"] == "ok"
    assert numbers["survey_measured_on"].startswith("the survey's light without noise")
    assert numbers["count"] == {"model": COUNT, "survey": 2 * COUNT, "baseline": COUNT}
    assert set(numbers["columns"]) == {"mag_auto", "flux_radius", "sersic_axis_ratio", "position_angle"}
    assert numbers["not_measured"] == {"zphot": "nothing here measures it on a stamp"}
    for column, found in numbers["columns"].items():
        model, survey, baseline = (found[name] for name in ("model", "survey", "baseline"))
        for name in ("slope", "squared_correlation", "r_squared_of_identity"):
            for beside in (survey, baseline):
                error = np.hypot(model[f"{name}_error"], beside[f"{name}_error"])
                assert abs(model[name] - beside[name]) < 4 * error + 0.01, (column, name)
        assert model["squared_correlation"] > 0.85, column
    assert numbers["columns"]["mag_auto"]["model"]["left_to_the_model"] == 3
    assert numbers["columns"]["mag_auto"]["model"]["r_squared_of_identity"] > 0.99
    assert set(numbers["physical"]) == {"flux", "half_light_radius", "ellipticity", "size_magnitude"}
    for name, row in numbers["physical"].items():
        assert row["value"] - row["floor"] < 3 * np.hypot(row["error"], row["floor_error"]), name
        assert row["baseline"] is not None
    counts = table["galaxies"].value_counts().to_dict()
    assert counts == {"survey": 2 * COUNT, "model": COUNT, "baseline": COUNT}
    of_model = table[table["galaxies"] == "model"]
    assert of_model["measured_flux_radius"].to_numpy() == pytest.approx(
        of_model["half_light_radius"].to_numpy() / SURVEY_SCALE
    )


def test_a_model_that_ignores_what_is_asked_has_no_slope_but_the_right_galaxies(made):
    _, numbers = made[1]["ignoring"]
    for column, found in numbers["columns"].items():
        assert abs(found["model"]["slope"]) < 0.45, column
        assert found["model"]["squared_correlation"] < 0.2, column
        assert found["model"]["r_squared_of_identity"] < 0, column
    perfect = made[1]["perfect"][1]["physical"]
    for name, row in numbers["physical"].items():
        # The same galaxies, seen through other PSFs.
        assert row["value"] == pytest.approx(perfect[name]["value"], rel=0.1), name
    # The bright ones that were asked for are not bright.
    bright = [found["thirds"]["mag_auto"][0]["distances"]["flux"]["value"] for _, found in made[1].values()]
    assert bright[0] < 0.7 < 1.5 < bright[1]


def test_thirds_are_of_the_surveys_values_and_each_beside_its_floor(made):
    folder, found = made
    numbers = found["perfect"][1]
    assert set(numbers["thirds"]) == {"mag_auto", "flux_radius", "sersic_axis_ratio", "zphot"}
    real = read_table(folder / "real.csv")["row"]
    values = read_catalog(folder / "dataset.h5").iloc[real]["mag_auto"]
    thirds = numbers["thirds"]["mag_auto"]
    assert [row["low"] for row in thirds] == pytest.approx(np.quantile(values, [0, 1 / 3, 2 / 3]))
    assert sum(row["count"] for row in thirds) == COUNT - 3
    assert set(thirds[0]["distances"]) == {
        "flux", "half_light_radius", "ellipticity", "axis_ratio", "size_magnitude",
    }  # fmt: skip
    rows = [row for third in thirds for row in third["distances"].values()]
    assert all(row["floor"] > 0 for row in rows)
    # The baseline's galaxies are single-Sersic fits, as the perfect model's and the survey's here are.
    assert all(0 < row["baseline"] < row["floor"] + 4 * row["floor_error"] + 0.05 for row in rows)
    bright, faint = thirds[0]["distances"]["flux"], thirds[-1]["distances"]["flux"]
    assert bright["baseline"] != faint["baseline"]


def test_a_failed_training_has_files_that_say_so(made, tmp_path):
    folder, _ = made
    empty = np.zeros((0, 1, 48, 48), np.float32)
    attributes = {"dataset": "made", "model": "diverged", "reason": "loss is NaN at step 7"}
    write_stamps(folder / "diverged.h5", [Stamps.plain(empty)], attributes)
    table, numbers = ask(folder, "diverged")
    assert len(table) == 0
    assert list(table.columns) == ["galaxies", *(f"asked_{name}" for name in CONDITIONS)]
    assert (numbers["status"], numbers["reason"]) == ("failed", "loss is NaN at step 7")
    assert set(numbers["not_measured"]) == set(CONDITIONS)


def test_the_floor_is_the_same_beside_a_baseline_and_is_drawn_once(monkeypatch):
    random = np.random.default_rng(1)
    reference, floor, sample, baseline = random.normal(size=(4, 60, 2))
    floors = []
    monkeypatch.setattr(
        galaxy_distances, "floor_of", lambda *given: floors.append(given) or resampling.floor_of(*given)
    )
    names = ("flux", "ellipticity")
    beside = distance_rows(Matrices(reference, floor, sample, baseline), names, 20, 1)
    assert len(floors) == 1
    alone = distance_rows(Matrices(reference, floor, sample), names, 20, 1)
    of_baseline = distance_rows(Matrices(reference, floor, baseline), names, 20, 1)
    for name in names:
        assert beside[name]["baseline"] == of_baseline[name]["value"]
        assert beside[name]["baseline_error"] == of_baseline[name]["error"]
        assert beside[name] | {"baseline": None, "baseline_error": None} == alone[name]


def test_a_model_without_conditions_has_physical_scores_alone(made):
    folder, _ = made
    catalog, light = draw_galaxies(COUNT, seed=7)
    write_sample(folder / "free.h5", catalog, light, [], "free")
    table, numbers = ask(folder, "free", conditions=[])
    assert numbers["columns"] == numbers["thirds"] == numbers["not_measured"] == {}
    assert numbers["physical"]["flux"]["value"] is not None
    assert numbers["physical"]["flux"]["baseline"] is None
    assert not [name for name in table if name.startswith("asked_")]


def test_without_true_light_the_survey_is_measured_on_its_stamps_and_compared_with_noise(tmp_path):
    make_dataset(tmp_path, truth=False)
    catalog, light = draw_galaxies(COUNT, seed=7)
    write_sample(tmp_path / "perfect.h5", catalog, light, CONDITIONS, "perfect")
    _, numbers = ask(tmp_path, "perfect")
    assert numbers["survey_measured_on"] == "the survey's stamps, with their noise"
    files = MeasuredFiles(
        tmp_path / "dataset.h5", (tmp_path / "perfect.h5", tmp_path / "perfect_matched.h5"),
        (tmp_path / "perfect.csv", tmp_path / "perfect_matched.csv"), tmp_path / "real.csv",
    )  # fmt: skip
    judged = read_judged(files, AskedSettings(**SETTINGS))
    shift = judged.compared["model"].measured["flux"] - judged.model.measured["flux"]
    # Noise of a pixel, times the square root of their number.
    assert shift.std() == pytest.approx(FLUX_SCALE * SIZE, rel=0.4)
    assert numbers["columns"]["mag_auto"]["model"]["r_squared_of_identity"] > 0.99
    for name, row in numbers["physical"].items():
        assert row["value"] - row["floor"] < 3 * np.hypot(row["error"], row["floor_error"]), name


def test_a_model_of_stamps_in_their_own_range_is_measured_as_far_as_they_allow(tmp_path):
    make_dataset(tmp_path, in_flux=False)
    dataset = read_stamps(tmp_path / "dataset.h5", "train").take(slice(COUNT))
    sample = Stamps(
        dataset.image,
        np.zeros(COUNT),
        np.ones(COUNT),
        dataset.catalog[["mag_auto", "flux_radius"]],
        dataset.split,
    )
    attributes = {"dataset": "made", "model": "unit", "labels": []}
    write_stamps(tmp_path / "unit.h5", [sample], attributes)
    _, numbers = ask(tmp_path, "unit", ["mag_auto", "flux_radius"])
    assert numbers["not_measured"]["mag_auto"].startswith("the model's galaxies have no flux")
    assert numbers["columns"]["flux_radius"]["model"]["squared_correlation"] > 0.5
    assert numbers["physical"] == {}
    assert numbers["thirds"]["mag_auto"][0]["distances"]["width"]["value"] is not None


def test_a_sample_that_does_not_say_what_was_asked_is_refused(made):
    folder, _ = made
    with pytest.raises(Exception, match=r"perfect\.h5: does not say what was asked \(width\)"):
        ask(folder, "perfect", conditions=["width"])


def test_the_table_of_no_galaxies_has_its_columns():
    assert list(asked_table({}, ["width"]).columns) == ["galaxies", "asked_width"]
