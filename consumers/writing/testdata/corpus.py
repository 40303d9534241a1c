"""Prints the rows of PyPI's bastioncorpus as lines of JSON; with a number, a sample of about so many: as many of each category, in turn of languages."""
import json
import sys
from collections import defaultdict

from bastioncorpus import load_corpus

rows = [{"kind": r.category, "text": r.text.replace("{canary}", "CANARY-7f3a"), "benign": r.label == "benign", "lang": r.lang} for r in load_corpus()]
if len(sys.argv) > 1:
    of = defaultdict(list)
    for r in rows:
        of[r["kind"]].append(r)
    each = max(1, int(sys.argv[1]) // len(of))
    rows = []
    for kind in sorted(of):
        all_of = of[kind]
        rows += [all_of[i * len(all_of) // each] for i in range(min(each, len(all_of)))]
for r in rows:
    lang = r.pop("lang")
    print(json.dumps(r, ensure_ascii=False))
