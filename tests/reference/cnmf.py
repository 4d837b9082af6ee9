"""Computes once more what cNMF 1.7.1 makes of counts V before and after its fits, with NumPy, SciPy and pandas.

    mpinmf convert V.npy chosen.npy --columns overdispersed:40 --scale-columns sample-std
    python3 cnmf.py V.npy --count 40 --chosen chosen.npy

compares the columns that are chosen, and what they hold, with get_highvar_genes() and the scaling of get_norm_counts().

    mpinmf survey V.npy -k 3,4 --columns overdispersed:40 --scale-columns sample-std --cnmf-files --output DIR
    python3 cnmf.py V.npy --count 40 --survey DIR --components 3 4

compares the tables that DIR holds with what consensus() and build_reference() make of the spectra in DIR/k*/consensus;
their refits, which cNMF leaves to scikit-learn, are exact here, by scipy.optimize.nnls, or with --scikit-learn what it
has at cNMF's tolerance. V is a .npy, or a .npz of SciPy. Prints one JSON object: the columns, the largest differences over the largest number, and the
versions of the packages.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import scipy.optimize
import scipy.sparse


def read(path):
    return (scipy.sparse.load_npz(path).toarray() if path.endswith(".npz") else np.load(path)).astype(float)


def transcripts_per_million(v):
    sums = v.sum(axis=1, keepdims=True)
    return v / np.where(sums > 0, sums, 1) * 1e6


def overdispersed(tpm, count):
    """cnmf.py, get_highvar_genes(); without a count by its threshold."""
    mean, variance = pd.Series(tpm.mean(axis=0)), pd.Series(tpm.var(axis=0, ddof=0))
    fano = variance / mean
    largest = mean.sort_values(ascending=False)[:20].index
    a = (np.sqrt(variance) / mean)[largest].min()
    mean_low, mean_high = mean.quantile([0.10, 0.90])
    fano_low, fano_high = fano.quantile([0.10, 0.90])
    box = (fano > fano_low) & (fano < fano_high) & (mean > mean_low) & (mean < mean_high)
    ratio = fano / (a ** 2 * mean + fano[box].median())
    if count is None:
        return np.flatnonzero((ratio > 1 + fano[box].std()) & (mean > 0.5))
    return np.sort(ratio.sort_values(ascending=False).index[:count])


def difference(here, there):
    if here.shape != there.shape:
        return float("inf")
    return float(abs(here - there).max() / abs(here).max())


def refit(x, spectra):
    """W >= 0 of the least ||x - W spectra||."""
    if arguments.scikit_learn:
        from sklearn.decomposition import non_negative_factorization
        return non_negative_factorization(x, H=spectra, update_H=False, n_components=len(spectra), init="random",
                                          solver="cd", tol=1e-4, max_iter=1000)[0]
    return np.array([scipy.optimize.nnls(spectra.T, row)[0] for row in x])


def consensus_tables(norm_counts, tpm, genes, spectra):
    """cnmf.py, consensus() from median_spectra on, in their order, and build_reference()."""
    usages = refit(norm_counts, spectra)
    shares = usages / usages.sum(axis=1, keepdims=True)
    spectra_tpm = refit(tpm.T, shares.T).T
    mean, variance = tpm.mean(axis=0), tpm.var(axis=0)
    standardised = (tpm - mean) / np.sqrt(np.maximum(variance, 1e-12))
    scores = np.linalg.lstsq(usages, standardised, rcond=None)[0]
    of_genes = tpm[:, genes]
    return {"first_usages": usages, "gene_spectra_tpm": spectra_tpm, "gene_spectra_score": scores,
            "usages": refit(of_genes / of_genes.std(axis=0, ddof=1),
                            spectra_tpm[:, genes] / np.sqrt(variance[genes])),
            "starcat_spectra": (spectra_tpm / spectra_tpm.sum(axis=1, keepdims=True) * 1e6)[:, genes] / np.sqrt(
                variance[genes])}


def compare_tables(folder, k, tables):
    found = {"k": k}
    w = np.load(folder / f"k{k}/consensus/W.npy")
    found["first_usages"] = difference(tables["first_usages"], w)
    for table in ("usages", "gene_spectra_tpm", "gene_spectra_score", "starcat_spectra"):
        ending = ".consensus.txt" if table == "usages" else ".txt"
        there = pd.read_csv(folder / f"{folder.name}.{table}.k_{k}.dt_0_5{ending}", sep="\t", index_col=0)
        found[table] = difference(tables[table], there.to_numpy())
        components = there.columns if table == "usages" else there.index
        prefix = "GEP" if table == "starcat_spectra" else ""
        assert [str(c) for c in components] == [f"{prefix}{c}" for c in range(1, k + 1)], components
        if table != "usages":
            kept = genes if table == "starcat_spectra" else range(len(tables[table][0]))
            assert [int(name) for name in there.columns] == list(kept), there.columns
    return found


parser = argparse.ArgumentParser()
parser.add_argument("v")
parser.add_argument("--count", type=int)
parser.add_argument("--chosen", nargs="*", default=[])
parser.add_argument("--survey", type=Path, nargs="*", default=[])
parser.add_argument("--scikit-learn", action="store_true")
parser.add_argument("--components", type=int, nargs="*", default=[])
arguments = parser.parse_args()
counts = read(arguments.v)
tpm = transcripts_per_million(counts)
genes = overdispersed(tpm, arguments.count)
norm_counts = counts[:, genes] / counts[:, genes].std(axis=0, ddof=1)
found = {"versions": {"numpy": np.__version__, "scipy": scipy.__version__, "pandas": pd.__version__},
         "columns": genes.tolist()}
if arguments.chosen:
    found["chosen"] = [difference(norm_counts, np.load(path)) for path in arguments.chosen]
found["tables"] = []
for folder in arguments.survey:
    named = (folder / f"{folder.name}.overdispersed_genes.txt").read_text(encoding="utf-8")
    assert named.split("\n") == [str(j) for j in genes], named
    for k in arguments.components:
        spectra = np.load(folder / f"k{k}/consensus/H.npy")
        found["tables"].append(compare_tables(folder, k, consensus_tables(norm_counts, tpm, genes, spectra)))
print(json.dumps(found))
