"""Computes once more what cNMF 1.7.1 makes of counts V before and after its fits, with NumPy, SciPy and pandas.

    mpinmf convert V.npy chosen.npy --columns overdispersed:40 --scale-columns sample-std
    python3 cnmf.py V.npy --count 40 --chosen chosen.npy

compares the columns that are chosen, and what they hold, with get_highvar_genes() and the scaling of get_norm_counts().
V is a .npy, or a .npz of SciPy. Prints one JSON object: the columns, the largest relative difference, and the versions
of the packages.
"""
import argparse
import json

import numpy as np
import pandas as pd
import scipy
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


parser = argparse.ArgumentParser()
parser.add_argument("v")
parser.add_argument("--count", type=int)
parser.add_argument("--chosen", nargs="*", default=[])
arguments = parser.parse_args()
counts = read(arguments.v)
genes = overdispersed(transcripts_per_million(counts), arguments.count)
found = {"versions": {"numpy": np.__version__, "scipy": scipy.__version__, "pandas": pd.__version__},
         "columns": genes.tolist()}
if arguments.chosen:
    norm_counts = counts[:, genes] / counts[:, genes].std(axis=0, ddof=1)
    found["chosen"] = [difference(norm_counts, np.load(path)) for path in arguments.chosen]
print(json.dumps(found))
