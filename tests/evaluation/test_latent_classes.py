"""Classes from latents: against other computations of the same, on classes that are known."""

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import eigh
from scipy.optimize import minimize
from sklearn.covariance import ledoit_wolf

from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.datasets.latent_file import Latents, write_latents
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation import latent_classes
from galforge.evaluation.class_map import MAP_COLUMNS
from galforge.evaluation.latent_classes import (
    LEAST_OF_CLASS,
    classes_named,
    discriminant_places,
    learn_classes,
)
from galforge.evaluation.latent_regression import Split, regress
from workflow_scripts.latents import learn_classes as entry

COUNT = 900
NAMES = np.array(["disc", "edge-on", "smooth"])


@pytest.fixture(scope="module")
def known():
    """Return latents of three classes that overlap, the classes, and a split."""
    random = np.random.default_rng(1)
    own = random.choice(3, COUNT, p=[0.3, 0.15, 0.55])
    centers = random.standard_normal((3, 5))
    latents = (centers[own] + random.standard_normal((COUNT, 5))) @ random.standard_normal((5, 5)) + 4
    test = np.arange(COUNT) % 3 == 0
    return Split(latents, ~test, test), NAMES[own]


def learnt(split, labels, column="class_folder"):
    classes = classes_named(column, pd.DataFrame({column: labels}))
    return learn_classes(split, classes, column, np.arange(len(labels)) + 50, 1)


def likeliest(x, y, test):
    """Return the classes (numbers) by a softmax regression, penalised by half the squares of its weights."""
    count = y.max() + 1

    def loss(parameters):
        weights = parameters.reshape(count, -1)
        scores = x @ weights[:, :-1].T + weights[:, -1]
        total = np.log(np.exp(scores).sum(1)) - scores[np.arange(len(y)), y]
        return total.sum() + 0.5 * (weights[:, :-1] ** 2).sum()

    weights = minimize(loss, np.zeros(count * (x.shape[1] + 1))).x.reshape(count, -1)
    return (test @ weights[:, :-1].T + weights[:, -1]).argmax(1)


def test_the_numbers_are_those_of_another_softmax_regression(known):
    split, labels = known
    numbers = learnt(split, labels).numbers
    x = (split.latents - split.latents[split.train].mean(0)) / split.latents[split.train].std(0)
    number = np.searchsorted(NAMES, labels)
    truth, found = number[split.test], likeliest(x[split.train], number[split.train], x[split.test])
    confusion = np.zeros((3, 3), int)
    np.add.at(confusion, (truth, found), 1)
    assert numbers["classes"] == list(NAMES)
    assert numbers["confusion"] == confusion.tolist()
    assert 0.6 < numbers["accuracy"] < 0.95
    assert numbers["accuracy"] == pytest.approx(np.trace(confusion) / 300)
    shares = np.diag(confusion) / confusion.sum(1)
    assert numbers["balanced_accuracy"] == pytest.approx(shares.mean())
    assert (numbers["trained"], numbers["tested"], numbers["commonest"]) == (600, 300, "smooth")
    assert numbers["majority"] == pytest.approx((labels[split.test] == "smooth").mean())
    assert numbers["balanced_majority"] == pytest.approx(1 / 3)
    # Errors are close to the binomial ones, of which the balanced accuracy has one per class.
    for name in ("accuracy", "majority"):
        share = numbers[name]
        assert numbers[f"{name}_error"] == pytest.approx((share * (1 - share) / 300) ** 0.5, rel=0.2)
    each = shares * (1 - shares) / confusion.sum(1)
    assert numbers["balanced_accuracy_error"] == pytest.approx(each.sum() ** 0.5 / 3, rel=0.2)


def test_the_accuracy_is_that_among_the_regressions(known):
    split, labels = known
    row = regress(split, pd.DataFrame({"class_folder": labels}), [], 1).iloc[0]
    numbers = learnt(split, labels).numbers
    for name in ("accuracy", "accuracy_error", "majority", "trained", "tested"):
        assert numbers[name] == row[name]


def shrunk(x):
    """Return the covariance of Ledoit and Wolf, shrunk where every variable has unit variance."""
    scatter = x.std(0)
    return ledoit_wolf((x - x.mean(0)) / scatter)[0] * np.outer(scatter, scatter)


def plain(x):
    """Return the covariance as it is."""
    return np.cov(x.T, bias=True)


def directions(x, y, covariance):
    """Return the two axes along which class means scatter most, of unit scatter within classes."""
    within = sum((y == name).mean() * covariance(x[y == name]) for name in NAMES)
    centers = sum((y == name)[:, None] * x[y == name].mean(0) for name in NAMES)
    axes = eigh(plain(centers), within)[1][:, :-3:-1]
    inside = sum((y == name).mean() * plain((x @ axes)[y == name]) for name in NAMES)
    return axes / np.sqrt(np.diag(inside))


def expected_places(split, labels, covariance):
    x = (split.latents - split.latents[split.train].mean(0)) / split.latents[split.train].std(0)
    return x[split.test] @ directions(x[split.train], labels[split.train], covariance)


def test_the_map_is_the_plane_of_the_largest_scatter_between_classes_for_that_within(known):
    split, labels = known
    places = learnt(split, labels).places
    assert list(places) == list(MAP_COLUMNS)
    assert places["identifier"].tolist() == (np.flatnonzero(split.test) + 50).tolist()
    assert places["class"].tolist() == labels[split.test].tolist()
    expected = expected_places(split, labels, shrunk)
    for place, name in enumerate(("direction_1", "direction_2")):
        sign = np.sign(np.corrcoef(expected[:, place], places[name])[0, 1])
        assert places[name].to_numpy() == pytest.approx(sign * expected[:, place], abs=1e-6), name


def test_of_many_galaxies_and_latents_that_are_independent_the_plane_is_that_without_shrinkage(known):
    split, labels = known
    away = np.random.default_rng(2).standard_normal((3, 5))[np.searchsorted(NAMES, labels)]
    split = split._replace(latents=away + np.random.default_rng(4).standard_normal((COUNT, 5)))
    expected, places = expected_places(split, labels, plain), learnt(split, labels).places
    for place, name in enumerate(("direction_1", "direction_2")):
        assert abs(np.corrcoef(expected[:, place], places[name])[0, 1]) > 0.97
        assert places[name].std() == pytest.approx(expected[:, place].std(), rel=0.1)


def test_with_more_latents_than_galaxies_the_map_holds_for_galaxies_that_it_was_not_fitted_to():
    random = np.random.default_rng(3)
    own = np.arange(240) % 2
    latents = random.standard_normal((240, 150))
    latents[:, 0] += 3 * own
    places = discriminant_places(latents[:120], NAMES[own[:120]], latents[120:])
    first, second = (places[own[120:] == number, 0] for number in (0, 1))
    apart = abs(first.mean() - second.mean()) / np.hypot(first.std(), second.std()) * 2**0.5
    assert apart > 1.5


def test_two_classes_or_a_single_latent_have_one_direction(known):
    split, labels = known
    two = learnt(split, np.where(labels == "smooth", "smooth", "other"))
    flat = learnt(Split(split.latents[:, :1], split.train, split.test), labels)
    for places in (two.places, flat.places):
        assert places["direction_1"].notna().all()
        assert places["direction_2"].isna().all()


def test_latents_that_do_not_vary_change_nothing(known):
    split, labels = known
    wider = np.concatenate([split.latents, np.full((COUNT, 2), 7.0)], axis=1)
    more, plain = learnt(Split(wider, split.train, split.test), labels), learnt(split, labels)
    assert more.numbers == plain.numbers
    pd.testing.assert_frame_equal(more.places, plain.places)


@pytest.mark.parametrize("count", [LEAST_OF_CLASS - 1, LEAST_OF_CLASS])
def test_a_class_with_few_training_galaxies_is_left_out_and_counted(known, count):
    split, labels = known
    rare = labels.astype(object)
    rare[np.flatnonzero(split.train)[:count]] = "merger"
    rare[np.flatnonzero(split.test)[:4]] = "merger"
    rare[np.flatnonzero(split.test)[4:9]] = ""
    numbers, places = learnt(split, rare)
    left_out = count < LEAST_OF_CLASS
    assert numbers["left_out"] == ({"merger": {"trained": count, "tested": 4}} if left_out else {})
    assert ("merger" in numbers["classes"]) is not left_out
    assert numbers["without_class"] == 5
    assert numbers["tested"] == len(places) == np.sum(numbers["confusion"]) == 295 - 4 * left_out
    assert numbers["trained"] == 600 - count * left_out
    assert set(places["class"]) == set(numbers["classes"])


def test_too_few_of_all_classes_say_so(known):
    split, labels = known
    alone = np.where(np.arange(COUNT) < 12, "merger", "")
    alone[12:] = np.where(split.train[12:], "smooth", "")
    numbers, places = learnt(split, alone)
    only = learnt(split, np.where(split.train, "smooth", "")).numbers["reason"]
    assert only == f"1 of 1 classes have {LEAST_OF_CLASS} training galaxies or more"
    assert numbers["reason"] == f"1 of 2 classes have {LEAST_OF_CLASS} training galaxies or more"
    few = np.where(split.test & (np.cumsum(split.test) > 9), "", labels)
    assert learnt(split, few).numbers["reason"] == "the class is known of 600 training and 9 test stamps"
    assert len(places) == 0


def test_a_question_of_votes_has_the_answer_with_the_most():
    votes = pd.DataFrame(
        {
            "Class1.1": [0.7, 0.1, 0.2, 0.4, 0.0, np.nan],
            "Class1.2": [0.2, 0.8, 0.2, 0.4, 0.0, 0.9],
            "Class1.3": [0.1, 0.1, 0.6, 0.2, 0.0, 0.1],
            "Class11.1": 1.0,
            "t01_shape_a01_smooth_debiased": [0.9, 0.1, 0.1, 0.1, 0.1, 0.1],
            "t01_shape_a02_disc_debiased": [0.1, 0.9, 0.9, 0.9, 0.9, 0.9],
            "t01_shape_a01_smooth_count": 9,
        }
    )
    answers = ("smooth", "features or disc", "star or artefact")
    found = classes_named("Class1", votes)
    assert found.names == answers
    assert found.labels.tolist() == [*answers, "", "", ""]
    assert classes_named("Class1.*", votes).labels.tolist() == found.labels.tolist()
    other = classes_named("t01_shape_*_debiased", votes)
    assert other.names == ("a01_smooth", "a02_disc")
    assert other.labels.tolist() == ["a01_smooth", *["a02_disc"] * 5]


def test_whole_numbers_are_classes_in_their_order():
    found = classes_named("ans", pd.DataFrame({"ans": [10.0, 2.0, np.nan, -0.0]}))
    assert found.names == ("0", "2", "10")
    assert found.labels.tolist() == ["10", "2", "", "0"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "class_foldre",
            "latents.classes: there is no column 'class_foldre', and no question of votes with 2 to 20 "
            "answers; there are: class_folder, Class1",
        ),
        ("Class2", "latents.classes: there is no column 'Class2'"),
        ("file", "latents.classes: column 'file' has 30 different values, and classes are at most 20"),
        ("snr", "latents.classes: column 'snr' holds numbers that are not whole"),
    ],
)
def test_what_has_no_classes_is_refused_in_one_line(name, words):
    catalog = pd.DataFrame(
        {
            "file": [f"{number}.png" for number in range(30)],
            "class_folder": ["a", "b"] * 15,
            "snr": np.linspace(1, 2, 30),
            "render_status": "ok",
            "Class1.1": 0.3,
            "Class1.2": 0.7,
            "Class2.1": 0.7,
        }
    )
    with pytest.raises(InputError) as refused:
        classes_named(name, catalog)
    assert str(refused.value).startswith(words)
    assert "\n" not in str(refused.value)


def learn(folder, columns):
    files = entry.Files(
        folder / "dataset.h5", folder / "latents.h5", folder / "classes.csv", folder / "classes.json"
    )
    entry.main(files, entry.Settings(columns=columns, seed=1))
    return read_table(files.places), read_json(files.numbers)


@pytest.fixture
def folder(known, tmp_path):
    """Return a folder with a dataset and its latents, of which one is not finite."""
    split, labels = known
    side = np.where(split.test, "test", "train")
    catalog = pd.DataFrame({"identifier": np.arange(COUNT), "class_folder": labels, "class_number": 1})
    catalog.loc[::2, "class_number"] = 2
    image = np.random.default_rng(1).random((COUNT, 1, 4, 4), dtype=np.float32)
    write_stamps(tmp_path / "dataset.h5", [Stamps(*normalize(image), catalog=catalog, split=side)], {})
    mean = split.latents.astype(np.float32)
    mean[3] = np.nan
    named = {"dataset": "made", "model": "vae"}
    write_latents(tmp_path / "latents.h5", Latents(mean, mean * 0, np.arange(COUNT), side, named))
    return tmp_path


def test_the_stage_writes_each_column_below_the_other_and_the_same_again(folder, known):
    places, numbers = learn(folder, ["class_folder", "class_number"])
    assert list(places) == list(MAP_COLUMNS)
    assert places["column"].tolist() == ["class_folder"] * 299 + ["class_number"] * 299
    assert 3 not in set(places["identifier"])
    own = places[places["column"] == "class_folder"]
    assert own["class"].tolist() == known[1][own["identifier"]].tolist()
    first, second = numbers["columns"]
    assert (first["column"], first["tested"]) == ("class_folder", 299)
    assert second["accuracy"] == pytest.approx(0.5, abs=0.1)
    before = [(folder / f"classes.{suffix}").read_bytes() for suffix in ("csv", "json")]
    learn(folder, ["class_folder", "class_number"])
    assert [(folder / f"classes.{suffix}").read_bytes() for suffix in ("csv", "json")] == before


def test_a_column_that_fails_costs_itself_alone(folder, monkeypatch):
    real = latent_classes.discriminant_places

    def fail(x, y, test):
        if set(y) == {"1", "2"}:
            raise ZeroDivisionError("injected")
        return real(x, y, test)

    monkeypatch.setattr(latent_classes, "discriminant_places", fail)
    places, numbers = learn(folder, ["class_folder", "class_number"])
    assert set(places["column"]) == {"class_folder"}
    assert numbers["columns"][1] == {
        "column": "class_number", "reason": "it could not be learnt (ZeroDivisionError: injected)",
    }  # fmt: skip


def test_without_latents_the_reason_is_told_and_a_wrong_column_is_still_refused(folder):
    none = np.zeros((0, 4), np.float32)
    named = {"dataset": "made", "model": "gan", "reason": "it encodes nothing"}
    write_latents(folder / "latents.h5", Latents(none, none, np.arange(0), np.zeros(0, str), named))
    places, numbers = learn(folder, ["class_folder"])
    assert len(places) == 0
    assert (numbers["reason"], numbers["columns"]) == ("it encodes nothing", [])
    with pytest.raises(InputError, match="there is no column 'type'"):
        learn(folder, ["type"])
