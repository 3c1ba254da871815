"""What latents tell of galaxies: features of the catalogue from the latents of stamps not trained on.

What bounds the time: TRAINED stamps, LABELS labels, and a network of one hidden layer with ITERATIONS
passes; some 0.5 s a feature for 1,000 stamps on one core.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPRegressor

from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import MOST_CLASSES
from galforge.evaluation.latent_structure import whitening
from galforge.evaluation.scales import Scale, coordinates

# What is predicted, as far as the catalogue has it, and how it is compared: sizes, SNRs and indices, which
# galaxies have over a decade or more, by their logarithm, and angles by cosine and sine of the double.
FEATURES: Final[Mapping[str, Scale]] = {
    "mag_auto": "linear",
    "flux_radius": "logarithm",
    "zphot": "linear",
    "sersic_index": "logarithm",
    "sersic_axis_ratio": "linear",
    "sersic_half_light_radius": "logarithm",
    "bulge_fraction": "linear",
    "position_angle": "angle",
    "semimajor_axis": "logarithm",
    "ellipticity": "linear",
    "snr": "logarithm",
    "width": "logarithm",
    "non_uniformity": "logarithm",
}
LABELS: Final = 8  # of a picture survey's own labels (vote fractions), the first that vary
TRAINED: Final = 5000  # stamps, at most
ITERATIONS: Final = 200  # passes over them, at most
LEAST_TRAINED: Final = 20  # galaxies, below which nothing is fitted
LEAST_TESTED: Final = 10
RESAMPLES: Final = 200  # of the test galaxies, behind an error
PENALTIES: Final = np.logspace(-6, 4, 21)  # of the ridge regression
COLUMNS: Final = (
    "feature", "kind", "trained", "tested", "ridge", "ridge_error", "network", "network_error",
    "accuracy", "accuracy_error", "majority", "reason",
)  # fmt: skip

Rows = NDArray[np.float64]


class Split(NamedTuple):
    """Latents (N, L) and which of the N galaxies are trained and tested on, (N,) each."""

    latents: NDArray[np.float64]
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def numbers_of(catalog: pd.DataFrame, labels: Sequence[str] = ()) -> dict[str, Rows]:
    """Return the features that are numbers and vary, (N,) each, as they are compared, NaN where unknown.

    Parameters
    ----------
    catalog : DataFrame of N rows
    labels : sequence of str
        Columns that come from the survey's own table.
    """
    found: dict[str, Rows] = {}
    for name, scale in FEATURES.items():
        if name in catalog and pd.api.types.is_numeric_dtype(catalog[name]):
            parts = coordinates(catalog[name].to_numpy(dtype=np.float64), scale).T
            names = [f"{name}_cosine", f"{name}_sine"] if scale == "angle" else [name]
            found |= {part: values for part, values in zip(names, parts, strict=True) if varies(values)}
    known = (
        (name, coordinates(catalog[name].to_numpy(dtype=np.float64), "linear")[:, 0])
        for name in labels
        if name in catalog and name not in FEATURES and pd.api.types.is_numeric_dtype(catalog[name])
    )
    voted = [(name, values) for name, values in known if varies(values)]
    return found | dict(voted[:LABELS])


def varies(values: Rows) -> bool:
    """Return whether a column has more than one finite value."""
    finite = values[np.isfinite(values)]
    return len(finite) > 1 and bool(finite.min() < finite.max())


def classes_of(catalog: pd.DataFrame) -> dict[str, NDArray[np.object_]]:
    """Return the columns of text that are classes, (N,) each, empty where unknown."""
    found = {}
    for name in catalog:
        text = not pd.api.types.is_numeric_dtype(catalog[name])
        if text and name != "split" and not str(name).endswith("_status"):
            values = catalog[name].fillna("").to_numpy(dtype=object)
            if 2 <= len(set(values) - {""}) <= MOST_CLASSES:
                found[str(name)] = values
    return found


def regress(split: Split, catalog: pd.DataFrame, labels: Sequence[str], seed: int) -> pd.DataFrame:
    """Return how well features follow from latents, on galaxies that nothing was fitted to.

    Parameters
    ----------
    split : Split
    catalog : DataFrame of N rows
    labels : sequence of str
        Columns that come from the survey's own table.
    seed : int

    Returns
    -------
    DataFrame of COLUMNS
        Of a number: the share of its variance among test galaxies, R^2 = 1 - sum (y - f)^2 / sum (y - <y>)^2,
        that a ``ridge`` regression on standardised latents has (its penalty by leave-one-out), and a
        ``network`` of one hidden layer on their principal components, each standardised, stopped early. Of a
        class: ``accuracy`` of a logistic regression, and the share of the largest class, the ``majority``.
        Errors are those of a bootstrap over test galaxies. ``reason`` says why there is none of these.
    """
    rows = [
        _row(name, values, split, np.isfinite(values), seed, _number)
        for name, values in numbers_of(catalog, labels).items()
    ]
    rows += [
        _row(name, values, split, values != "", seed, _class) for name, values in classes_of(catalog).items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    name: str,
    values: NDArray[Any],
    split: Split,
    known: NDArray[np.bool_],
    seed: int,
    fit: Callable[..., Any],
) -> dict[str, Any]:
    train, test = np.flatnonzero(split.train & known), np.flatnonzero(split.test & known)
    own = derive_seed(seed, "latent regression", name)
    train = at_most_trained(train, own)
    row: dict[str, Any] = {"feature": name, "kind": fit.__name__.removeprefix("_"), "reason": ""}
    row |= {"trained": len(train), "tested": len(test)}
    if len(train) < LEAST_TRAINED or len(test) < LEAST_TESTED:
        return row | {"reason": f"it is known of {len(train)} training and {len(test)} test stamps"}
    if len(set(values[train])) < 2 or (fit is _number and not varies(values[test])):
        return row | {"reason": "it does not vary"}
    standard = standardised(split.latents, train)
    row.update(fit(standard[train], values[train], standard[test], values[test], own))
    return row


def at_most_trained(rows: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Return the training galaxies that are fitted to: TRAINED of them at random where there are more."""
    if len(rows) <= TRAINED:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, TRAINED, replace=False))


def standardised(latents: Rows, train: NDArray[np.intp]) -> Rows:
    """Return latents (N, L) with mean 0 and standard deviation 1 over the training galaxies."""
    center, scatter = latents[train].mean(0), latents[train].std(0)
    return np.asarray((latents - center) / np.where(scatter > 0, scatter, 1.0))


def _number(x: Rows, y: Rows, test: Rows, truth: Rows, seed: int) -> dict[str, float]:
    center, scatter = y.mean(), y.std()
    standard = (y - center) / scatter
    network = MLPRegressor(
        hidden_layer_sizes=(64,),
        alpha=3.0,
        batch_size=min(64, len(x) // 2),
        learning_rate_init=2e-3,
        early_stopping=True,
        validation_fraction=0.15,
        n_iter_no_change=20,
        max_iter=ITERATIONS,
        random_state=seed,
    )
    white = whitening(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ITERATIONS are a bound, not a failure
        predicted = {
            "ridge": RidgeCV(PENALTIES).fit(x, standard).predict(test),
            "network": network.fit(white.forward(x), standard).predict(white.forward(test)),
        }
    row = {}
    for name, values in predicted.items():
        missed = (truth - values * scatter - center) ** 2
        row[name] = _r_squared(missed, truth)
        row[f"{name}_error"] = bootstrap_error(
            _r_squared(missed[chosen], truth[chosen]) for chosen in drawn_again(len(truth), seed)
        )
    return row


def _class(x: Rows, y: NDArray[Any], test: Rows, truth: NDArray[Any], seed: int) -> dict[str, float]:
    y, truth = y.astype(str), truth.astype(str)
    names, counts = np.unique(y, return_counts=True)
    right = predicted_classes(x, y, test) == truth
    return {
        "accuracy": float(right.mean()),
        "accuracy_error": bootstrap_error(
            float(right[chosen].mean()) for chosen in drawn_again(len(truth), seed)
        ),
        "majority": float((truth == names[counts.argmax()]).mean()),
    }


def predicted_classes(x: Rows, y: NDArray[Any], test: Rows) -> NDArray[Any]:
    """Return the classes (M,) that a multinomial logistic regression gives to standardised latents (M, L).

    Parameters
    ----------
    x : ndarray, shape (N, L)
        Standardised latents of training galaxies.
    y : ndarray, shape (N,)
        Their classes, two or more.
    test : ndarray, shape (M, L)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ITERATIONS are a bound, not a failure
        return np.asarray(LogisticRegression(max_iter=ITERATIONS).fit(x, y).predict(test))


def _r_squared(missed: Rows, truth: Rows) -> float:
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - missed.sum() / spread) if spread > 0 else float("nan")


def drawn_again(count: int, seed: int) -> NDArray[np.intp]:
    """Return the test galaxies of each resample of a bootstrap, (RESAMPLES, count)."""
    generator = np.random.default_rng(derive_seed(seed, "bootstrap"))
    return generator.integers(0, count, (RESAMPLES, count))


def bootstrap_error(values: Iterator[float]) -> float:
    """Return the standard deviation of a number over resamples."""
    return float(np.nanstd(list(values), ddof=1))
