"""Computes the consensus of a survey once more, with NumPy and SciPy, and compares it with what the survey left.

    mpinmf survey V.npy -k 3,4 --restarts 20 --output DIR
    python3 consensus.py DIR V.npy [--loss kullback-leibler] [--plain] [--fit 200]

The spectra are those of DIR/k*/seed*/H.npy, or, with --fit, of as many iterations of scikit-learn from the starts of
these seeds (`survey --like scikit-learn --init numpy --tolerance 0 --max-iterations 200`). What is done to them is cNMF
1.7.1's consensus(), step by step. k-means and silhouettes are scikit-learn's where it is installed; with --plain, or
where it is not, those written out below. V is a .npy, or a .npz of SciPy. Prints one JSON object: for each k that has a
consensus what was found here and in DIR/kK/consensus and DIR/survey.csv, and the versions of the packages.
"""
import argparse
import csv
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import scipy
import scipy.optimize
import scipy.sparse

DENSITY_THRESHOLD, NEIGHBORHOOD, STARTS, RANDOM_STATE = 0.5, 0.30, 10, 1


def read(path):
    return (scipy.sparse.load_npz(path).toarray() if path.endswith(".npz") else np.load(path)).astype(float)


def distances_between(a, b):
    return np.sqrt(np.maximum(0, (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T))


def k_means(points, k, by_scikit_learn):
    """The labels of the best of 10 starts."""
    if by_scikit_learn:
        from sklearn.cluster import KMeans
        return KMeans(n_clusters=k, n_init=STARTS, random_state=RANDOM_STATE).fit(points).labels_
    random = np.random.default_rng(RANDOM_STATE)
    least, best = np.inf, None
    for _ in range(STARTS):
        centers = points[[random.integers(len(points))]]
        while len(centers) < k:  # k-means++
            squares = distances_between(points, centers).min(axis=1) ** 2
            centers = np.vstack([centers, points[random.choice(len(points), p=squares / squares.sum())]])
        labels = None
        while True:
            found = distances_between(points, centers).argmin(axis=1)
            if labels is not None and (found == labels).all():
                break
            labels = found
            centers = np.array([points[labels == c].mean(axis=0) if (labels == c).any() else centers[c]
                                for c in range(k)])
        inertia = ((points - centers[labels]) ** 2).sum()
        if inertia < least:
            least, best = inertia, labels
    return best


def silhouette(points, labels, by_scikit_learn):
    if by_scikit_learn:
        from sklearn.metrics import silhouette_score
        return silhouette_score(points, labels, metric="euclidean")
    distances = distances_between(points, points)
    np.fill_diagonal(distances, 0)
    scores = []
    for i, own in enumerate(labels):
        others = (labels == own).sum() - 1
        if others == 0:
            scores.append(0)
            continue
        a = distances[i, labels == own].sum() / others
        b = min(distances[i, labels == c].mean() for c in set(labels) - {own})
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


def divergence(v, wh):
    return (np.where(v > 0, v * np.log(np.where(v > 0, v, 1) / wh), 0) - v + wh).sum()


def usages(v, h, loss):
    """W of the least loss, H fixed."""
    if loss == "frobenius":
        return np.array([scipy.optimize.nnls(h.T, row)[0] for row in v])
    w = np.full((len(v), len(h)), v.sum() / h.sum() / len(v))
    last = np.inf
    for iteration in range(1, 20001):  # Lee and Seung's, to convergence
        w *= (v / (w @ h + 1e-300)) @ h.T / h.sum(axis=1)
        if iteration % 50 == 0:
            now = divergence(v, w @ h + 1e-300)
            if last - now < 1e-8 * now:
                break
            last = now
    return w


def fits(v, k, seeds, loss, iterations):
    """Spectra of scikit-learn's fits."""
    from sklearn.decomposition import non_negative_factorization
    for seed in seeds:
        random = np.random.default_rng(seed)
        w = random.random((len(v), k))
        h = random.random((k, v.shape[1]))
        yield non_negative_factorization(v, W=w, H=h, n_components=k, init="custom", tol=0, max_iter=iterations,
                                         beta_loss=loss, solver="cd" if loss == "frobenius" else "mu")[1]


def consensus(spectra, runs, k, by_scikit_learn):
    """cnmf.py, consensus(): unit spectra, local densities, clusters, medians that sum to 1; silhouette without filter."""
    unit = spectra / np.linalg.norm(spectra, axis=1)[:, None]
    neighbors = int(NEIGHBORHOOD * runs)
    nearest = np.sort(distances_between(unit, unit), axis=1)[:, :neighbors + 1]
    nearest[:, 0] = 0  # itself
    kept = unit[nearest.sum(axis=1) / neighbors < DENSITY_THRESHOLD]
    labels = k_means(kept, k, by_scikit_learn)
    medians = np.array([np.median(kept[labels == c], axis=0) for c in range(k)])
    all_labels = k_means(unit, k, by_scikit_learn)
    return (medians / medians.sum(axis=1, keepdims=True), len(kept) / len(unit),
            silhouette(unit, all_labels, by_scikit_learn))


def cosines(here, there):
    """Of rows here with rows there, matched one to one, in the order here; and which is the match of each."""
    norms = np.linalg.norm(here, axis=1)[:, None] * np.linalg.norm(there, axis=1)
    all_pairs = here @ there.T / np.where(norms > 0, norms, 1)
    rows, match = scipy.optimize.linear_sum_assignment(-all_pairs)
    return all_pairs[rows, match], match


def compare(folder, v, k, loss, by_scikit_learn, iterations, row):
    seeds = sorted(int(re.fullmatch(r"seed(\d+)", path.name)[1]) for path in folder.glob(f"k{k}/seed*"))
    spectra = np.vstack(list(fits(v, k, seeds, loss, iterations)) if iterations else
                        [np.load(folder / f"k{k}/seed{seed}/H.npy") for seed in seeds])
    h, kept, score = consensus(spectra, len(seeds), k, by_scikit_learn)
    w = usages(v, h, loss)
    sums = w.sum(axis=1, keepdims=True)
    order = np.argsort(-np.divide(w, sums, out=np.zeros_like(w), where=sums > 0).sum(axis=0))
    w, h = w[:, order], h[order]
    w_there, h_there = (np.load(folder / f"k{k}/consensus/{factor}.npy") for factor in "WH")
    of_spectra, match = cosines(h, h_there)
    of_usages = [cosines(w[:, [c]].T, w_there[:, [match[c]]].T)[0][0] for c in range(k)]
    value = (lambda w, h: ((v - w @ h) ** 2).sum() / 2) if loss == "frobenius" else (
        lambda w, h: divergence(v, w @ h + 1e-300))
    return {"k": k, "fits": len(seeds), "spectra": list(of_spectra), "usages": of_usages,
            "in_order": bool((match == np.arange(k)).all()),
            "silhouette": {"here": score, "there": float(row["silhouette"])},
            "kept": {"here": kept, "there": float(row["kept"])},
            "loss": {"here": value(w, h), "there": float(row["consensus_loss"])},
            "squared_error": {"here": ((v - w @ h) ** 2).sum(), "there": ((v - w_there @ h_there) ** 2).sum()}}


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("v")
parser.add_argument("--loss", default="frobenius", choices=["frobenius", "kullback-leibler"])
parser.add_argument("--plain", action="store_true")
parser.add_argument("--fit", type=int, default=0)
arguments = parser.parse_args()
has_scikit_learn = importlib.util.find_spec("sklearn") is not None
versions = {"numpy": np.__version__, "scipy": scipy.__version__}
if has_scikit_learn:
    import sklearn
    versions["scikit-learn"] = sklearn.__version__
by_scikit_learn = has_scikit_learn and not arguments.plain
with open(Path(arguments.folder) / "survey.csv", encoding="utf-8") as table:
    found = [compare(Path(arguments.folder), read(arguments.v), int(row["k"]), arguments.loss, by_scikit_learn,
                     arguments.fit, row) for row in csv.DictReader(table) if row["consensus_loss"]]
print(json.dumps({"versions": versions, "by": "scikit-learn" if by_scikit_learn else "NumPy", "consensuses": found}))
