"""Can a classifier tell a sample from real stamps? Two-sample tests by the area under its ROC curve."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from galforge.evaluation.resampling import Score

FOLDS = 5
_STRENGTH = 0.02  # the inverse of the penalty on the weights; the columns are standardised
_STEPS = 500


def classifier_score(reference: NDArray[np.float64], sample: NDArray[np.float64], seed: int) -> Score:
    """Return the area under the ROC curve of a classifier that tells two samples apart, and its error.

    Each fifth of the stamps is judged by a logistic regression, on values and their squares, that was fitted
    to the others.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, F) and (M, F)
        What the classifier sees of each stamp; stamps with a value that is not finite are left out.
    seed : int
        For the folds.

    Returns
    -------
    Score
        0.5 is chance: the samples cannot be told apart. 1: every stamp can. The error is that of Hanley &
        McNeil.

    References
    ----------
    Lopez-Paz & Oquab (2017), arXiv:1610.06545; Hanley & McNeil (1982), Radiology 143, 29.
    """
    known, other = (side[np.isfinite(side).all(axis=1)] for side in (reference, sample))
    if known.shape[1] == 0:
        return Score(None, None, "there is nothing that a classifier could be shown")
    if min(len(known), len(other)) < FOLDS:
        return Score(None, None, f"fewer than {FOLDS} stamps can be shown to a classifier")
    values = np.concatenate([known, other])
    labels = np.repeat([0, 1], [len(known), len(other)])
    classifier = make_pipeline(
        StandardScaler(),
        FunctionTransformer(with_squares),
        StandardScaler(),
        LogisticRegression(C=_STRENGTH, max_iter=_STEPS),
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    decision = cross_val_predict(classifier, values, labels, cv=folds, method="decision_function")
    area = float(roc_auc_score(labels, decision))
    return Score(area, area_error(area, len(known), len(other)))


def area_error(area: float, first: int, second: int) -> float:
    """Return the standard error of an area under the ROC curve of samples of these sizes.

    References
    ----------
    Hanley & McNeil (1982), Radiology 143, 29, Eq. 2.
    """
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (first - 1) * (one - area**2) + (second - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 0) / (first * second)))


def with_squares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standardised columns (N, F) with their squares, (N, 2 F): a spread is seen as well as a mean."""
    return np.concatenate([values, values**2], axis=1)
