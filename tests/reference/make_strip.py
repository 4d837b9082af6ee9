"""Writes strip.json: what scikit-learn's fetch_20newsgroups(remove=...) leaves of made-up posts, and check sums of what
it leaves of the posts of 20 Newsgroups.

    python3 make_strip.py .../newsgroups20/train.jsonl.gz > strip.json

Needs scikit-learn; the versions used stand in the file.
"""
import gzip
import json
import platform
import random
import sys
import zlib

import sklearn
from sklearn.datasets._twenty_newsgroups import (strip_newsgroup_footer, strip_newsgroup_header,
                                                 strip_newsgroup_quoting)

STRIPS = {"headers": [strip_newsgroup_header], "footers": [strip_newsgroup_footer], "quotes": [strip_newsgroup_quoting],
          "headers,footers,quotes": [strip_newsgroup_header, strip_newsgroup_footer, strip_newsgroup_quoting]}


def left_of(post, strip):
    for function in STRIPS[strip]:
        post = function(post)
    return post


posts = ["", "\n", "\n\n", "\n\n\n", "one line", "a\n\nb", "From: a@b\nSubject: c\n\nbody\n--\nname\n", "body\n\n--\nname\n\n\n",
         "a\n----\nb\n   \n", "\u2003\x85a\n\u00a0\nb\u3000\n", "a\n -\u2009- \nb", "\x1c\x1d\na\n\x1e--\x1f\nb", "--\nb", "a\r\n\r\nb\r\n--\r\nc",
         "In article <1> x writes:\n> quoted\n| too\n>> and\n kept\n>", "not In article\nQuoted from y\nnot Quoted from",
         "he wrote: x\nwrotes:\nshe says:\nsaid: so\nsays\nwrites in", "a\n\u2028\nb", "a\n--\u200b\nb", "\ufeff\n\n\ufeff"]
rng = random.Random(14)
pieces = ["\n", "\n", "\n\n", "-", "--", " ", "\t", "> ", "|", "word", "In article <x>", "Quoted from z", " writes:", "wrote:", "wrote",
          " said:", "says:", "writes in", "\u00a0", "\u2028", "\u00e9", "\U0001f600", "\r\n", "\x1f", "Subject: s"]
posts += ["".join(rng.choices(pieces, k=rng.randrange(1, 40))) for _ in range(150)]
cases = [{"post": post, "left": {strip: left_of(post, strip) for strip in STRIPS}} for post in posts]

sums = dict.fromkeys(STRIPS, 0)
count = 0
for line in gzip.open(sys.argv[1], "rt", encoding="utf-8"):
    post = json.loads(line)["text"]
    count += 1
    for strip in STRIPS:
        sums[strip] = zlib.crc32((left_of(post, strip) + "\0").encode(), sums[strip])

print(json.dumps({"versions": {"python": platform.python_version(), "scikit-learn": sklearn.__version__}, "cases": cases,
                  "newsgroups20": {"posts": count, "crc32": sums}}))
