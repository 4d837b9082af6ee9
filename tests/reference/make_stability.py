"""Writes stability.json: cNMF's consensus, step by step, by NumPy and scikit-learn.

    python3 make_stability.py > stability.json

Needs numpy, scipy and scikit-learn; the versions used stand in the file.
"""
import json
import platform

import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import average, cophenet
from scipy.spatial.distance import squareform
from sklearn.cluster import KMeans
from sklearn.metrics import euclidean_distances, silhouette_samples, silhouette_score

rng = np.random.default_rng(11)


def spectra_of_runs(k, n, runs, noise, strangers):
    """Runs of k spectra, each in an order of its own, some of them replaced by something else."""
    truth = rng.gamma(0.4, 1.0, (k, n))
    stacked = []
    for _ in range(runs):
        found = np.abs(truth[rng.permutation(k)] + noise * rng.standard_normal((k, n))) * rng.uniform(0.5, 9, (k, 1))
        stacked.append(found)
    stacked = np.concatenate(stacked)
    for i in rng.choice(len(stacked), strangers, replace=False):
        stacked[i] = rng.gamma(0.3, 1.0, n)
    return np.round(stacked, 5)


def consensus(stacked, k, threshold):
    """cnmf 1.7.1, cnmf.py, consensus(): its steps, in its order, without pandas."""
    l2 = stacked / np.sqrt((stacked ** 2).sum(axis=1))[:, None]
    neighbors = int(0.30 * stacked.shape[0] / k)
    distances = np.sqrt(((l2[:, None] - l2[None]) ** 2).sum(axis=2))
    assert np.allclose(distances, euclidean_distances(l2), atol=1e-7)
    order = np.argpartition(distances, neighbors + 1)[:, :neighbors + 1]
    density = np.take_along_axis(distances, order, axis=1).sum(axis=1) / neighbors
    kept = density < threshold
    filtered = l2[kept]
    # 50 starts, not 10: no better partition is found with more, so that a reference is one
    model = KMeans(n_clusters=k, n_init=50, random_state=1).fit(filtered)
    medians = np.array([np.median(filtered[model.labels_ == c], axis=0) for c in range(k)])
    labels = np.full(len(stacked), -1)
    labels[kept] = model.labels_
    samples = silhouette_samples(filtered, model.labels_)
    return {"k": k, "threshold": threshold, "stacked": stacked.tolist(), "local_density": density.tolist(),
            "kept": [int(x) for x in kept], "labels": labels.tolist(), "inertia": float(model.inertia_),
            "spectra": (medians / medians.sum(axis=1, keepdims=True)).tolist(), "silhouettes": samples.tolist(),
            "silhouette": float(silhouette_score(filtered, model.labels_, metric="euclidean"))}


consensuses = [consensus(spectra_of_runs(k, n, runs, noise, strangers), k, threshold)
               for k, n, runs, noise, strangers, threshold in
               [(4, 16, 12, 0.02, 5, 0.5), (3, 12, 15, 0.3, 0, 2.0), (5, 14, 7, 0.2, 4, 0.6), (2, 10, 4, 1e-7, 0, 0.5)]]



def linkage(points):
    distances = np.round(np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)), 9)
    assert len(np.unique(distances)) == len(points) * (len(points) - 1) // 2 + 1  # no ties
    return {"distances": distances.tolist(), "cophenetic": squareform(cophenet(average(squareform(distances)))).tolist()}


def connectivity(m, k, runs, noise):
    """R's NMF: consensus matrix, cophcor, dispersion; PAC by Senbabaoglu et al. 2014."""
    label = rng.integers(k, size=m)
    strongest = []
    for _ in range(runs):
        found = rng.permutation(k)[label]
        strongest.append(np.where(rng.uniform(size=m) < noise * np.arange(m) / m, rng.integers(k, size=m), found))
    strongest = np.array(strongest)
    c = (strongest[:, :, None] == strongest[:, None, :]).mean(axis=0)
    pairs = c[np.triu_indices(m, 1)]
    tree = cophenet(average(1 - pairs))
    return {"strongest": strongest.tolist(), "cophenetic": float(np.corrcoef(1 - pairs, tree)[0, 1]),
            "dispersion": float((4 * (c - 0.5) ** 2).mean()), "pac": float(((pairs > 0.1) & (pairs < 0.9)).mean())}


def matched(k, n, runs, noise):
    """Silhouettes of clusters of one component of each run, by 1 - cosine; noise is too small to change a match."""
    truth = rng.gamma(0.4, 1.0, (k, n))
    spectra, labels = [], []
    for _ in range(runs):
        order = rng.permutation(k)
        spectra.append(np.round(np.abs(truth[order] + noise * rng.standard_normal((k, n))) * rng.uniform(0.5, 9, (k, 1)), 5))
        labels.append(order)
    stacked, labels = np.concatenate(spectra), np.concatenate(labels)
    unit = stacked / np.linalg.norm(stacked, axis=1)[:, None]
    distances = np.maximum(0, 1 - unit @ unit.T)
    np.fill_diagonal(distances, 0)
    samples = silhouette_samples(distances, labels, metric="precomputed")
    medians = np.array([np.median(unit[labels == c], axis=0) for c in range(k)])
    return {"spectra": [s.tolist() for s in spectra], "labels": labels.tolist(),
            "medians": (medians / medians.sum(axis=1, keepdims=True)).tolist(),
            "silhouettes": [float(samples[labels == c].mean()) for c in range(k)]}


def hoyer(rows):
    root = np.sqrt(rows.shape[1])
    return float(((root - np.abs(rows).sum(axis=1) / np.linalg.norm(rows, axis=1)) / (root - 1)).mean())


linkages = [linkage(rng.standard_normal((m, 3))) for m in (2, 3, 9, 25)]
connectivities = [connectivity(*c) for c in [(30, 3, 8, 0.0), (30, 3, 8, 0.3), (24, 5, 10, 0.9)]]
matches = [matched(*m) for m in [(4, 12, 6, 0.02), (3, 10, 5, 0.1)]]
rows = np.round(rng.gamma(0.3, 1.0, (4, 9)), 4)

print(json.dumps({"versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                               "scikit-learn": sklearn.__version__},
                  "consensuses": consensuses, "linkages": linkages, "connectivities": connectivities, "matches": matches,
                  "sparse": {"rows": rows.tolist(), "sparseness": hoyer(rows)}}))
