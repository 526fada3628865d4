"""Draws the logs of both lessons: loss, and the share of right tokens of each task, over tokens seen."""

import csv
from pathlib import Path

import matplotlib.pyplot as plt

here = Path(__file__).parent
lessons = [list(csv.DictReader(open(here / "logs" / f"lesson{n}.csv"))) for n in (1, 2)]
colors = {}
figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 7), sharex=True)
start = 0
for number, rows in enumerate(lessons):
    seen = [start + int(row["tokens"]) / 1e6 for row in rows]
    upper.semilogy(seen, [float(row["loss"]) for row in rows], "k.-")
    for task in (key.removesuffix(" tokens") for key in rows[0] if key.endswith(" tokens")):
        color = colors.setdefault(task, plt.get_cmap("tab20")(len(colors)))
        lower.plot(seen, [100 * float(row[f"{task} tokens"]) for row in rows], color=color,
                   label=task if number else None)
    start = seen[-1]
    if not number:
        for axis in (upper, lower):
            axis.axvline(start, color="grey", linestyle=":")
upper.set_ylabel("loss, nats a scored token")
upper.set_title("First and second lesson; texts grow within each, to 8,192 tokens", fontsize=9)
lower.set_ylabel("right tokens of answers, %, texts given")
lower.set_xlabel("tokens seen, millions")
lower.legend(fontsize=7, ncols=2)
figure.tight_layout()
figure.savefig(here / "curve.png", dpi=100)
