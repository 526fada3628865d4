"""Trains the model that ships; README.md beside this has the command and what it gave.

The lengths grow in stages, since look-ups are learned abruptly and, on short texts, soon. Batches are made by worker
processes, each step from a seed of its own, so a run does not depend on their number.
"""

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

import tasks
from model import Config, Qwen2, load, save
from muon import Muon

# Rows of each task among 16. In the first lesson prompts do not say where numbers end, and pages vary in length.
LESSONS = {
    1: {"worksheet": 3, "ledger": 4, "journal": 2, "read": 2, "multikey": 1, "multivalue": 1, "multiquery": 1,
        "tracking": 1, "common": 1},
    2: {"worksheet": 3, "ledger": 3, "journal": 2, "read": 2, "count": 1, "multikey": 1, "multivalue": 1,
        "multiquery": 1, "tracking": 1, "common": 1},
}
# Tasks of later lessons, each named after the word that it brings.
LATER = {1: {"count"}, 2: set()}


def words_of(lesson):
    """The vocabulary of a lesson and, for each of `tasks.WORDS`, its number there."""
    words = [word for word in tasks.WORDS if word not in LATER[lesson]]
    return words, np.array([words.index(word) if word in words else tasks.PAD for word in tasks.WORDS])


class Batches(Dataset):
    """Step i of a run: tokens [rows, length + 1] and the mask of scored tokens."""

    def __init__(self, seed, lesson, stages, tokens):
        self.seed, self.lesson, self.tokens = seed, lesson, tokens
        self.numbers = words_of(lesson)[1]
        self.lengths = [length for length, steps in stages for _ in range(steps)]

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, step):
        length = self.lengths[step]
        rows = max(self.tokens // length, 1)
        mixture = spread(LESSONS[self.lesson], rows, step)
        tokens, scored = tasks.batch([*b"train", self.seed, step], mixture, length, ends=self.lesson > 1)
        return torch.from_numpy(self.numbers[tokens]), torch.from_numpy(scored)


def spread(mixture, rows, step):
    """Rows for each task by the mixture; what does not divide goes round from step to step."""
    slots = [task for task, share in mixture.items() for _ in range(share)]
    # A stride that is coprime to 16 spreads a task's slots.
    chosen = [slots[(step * rows + i) * 7 % len(slots)] for i in range(rows)]
    return {task: chosen.count(task) for task in tasks.TASKS if task in chosen}


def loss_of(model, tokens, scored):
    """Mean cross entropy of the scored tokens, in nats."""
    targets = tokens[:, 1:].masked_fill(~scored[:, 1:], -100)
    return F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1).float(), targets.flatten(), ignore_index=-100)


def checked(lesson):
    """The tasks that a lesson's model is checked on: all that it has the words for."""
    return [task for task in tasks.TASKS if task not in LATER[lesson]]


@torch.no_grad()
def evaluate(model, lesson, length, rows, device):
    """Share of right tokens in answers of each task, texts given (teacher forcing), and of wholly right answers."""
    results = {}
    numbers = words_of(lesson)[1]
    for task in checked(lesson):
        tokens, scored = tasks.batch([*b"check", length], {task: rows}, length, ends=lesson > 1)
        tokens = torch.from_numpy(numbers[tokens]).to(device)
        scored = torch.from_numpy(scored[:, 1:]).to(device)
        with torch.autocast(device, torch.bfloat16):
            right = torch.cat([model(part[:, :-1]).argmax(-1) for part in tokens.split(4)]) == tokens[:, 1:]
        results[task] = ((right & scored).sum() / scored.sum()).item(), (right | ~scored).all(1).float().mean().item()
    return results


def optimizers(model, rate):
    """Muon for the matrices of the layers, AdamW for embedding, norms and biases."""
    matrices = [p for p in model.layers.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if not any(p is m for m in matrices)]
    return [Muon(matrices, lr=rate),
            torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)]


def rate_at(step, steps, warmup=100, decay=0.35):
    """Share of the full rate: warm-up, a plateau, then down to nothing over the last part of the run."""
    return min(step / warmup, 1, (steps + 1 - step) / (decay * steps))


def parse_stages(text):
    """LENGTHxSTEPS,...: the stages of the curriculum."""
    return [tuple(map(int, stage.split("x"))) for stage in text.split(",")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True, help="directory for the checkpoint and log.csv")
    parser.add_argument("--lesson", type=int, choices=LESSONS, required=True, help="which mixture of tasks")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--stages", type=parse_stages, required=True, help="LENGTHxSTEPS,...: the curriculum")
    parser.add_argument("--tokens", type=int, default=65536, help="tokens a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=14)
    parser.add_argument("--check-every", type=int, default=250, help="steps between checks")
    parser.add_argument("--check-rows", type=int, default=16)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    torch.set_float32_matmul_precision("high")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    words, _ = words_of(options.lesson)
    model = Qwen2(Config(vocab_size=len(words))).to(device)
    if options.start:
        load(model, words, options.start)
    loss_function = torch.compile(loss_of, dynamic=False) if device == "cuda" else loss_of
    optimizer = optimizers(model, options.rate)
    data = Batches(options.seed, options.lesson, options.stages, options.tokens)
    loader = DataLoader(data, batch_size=None, num_workers=options.workers, pin_memory=device == "cuda",
                        **({"prefetch_factor": 8, "persistent_workers": False} if options.workers else {}))
    options.output.mkdir(parents=True, exist_ok=True)
    began, seen, running = time.time(), 0, None
    with open(options.output / "log.csv", "w", newline="") as file:
        log = csv.writer(file)
        kinds = [f"{task} {what}" for task in checked(options.lesson) for what in ("tokens", "whole")]
        log.writerow(["step", "length", "tokens", "seconds", "loss", *kinds])
        for step, (tokens, scored) in enumerate(loader):
            tokens, scored = tokens.to(device, non_blocking=True), scored.to(device, non_blocking=True)
            for group in (g for o in optimizer for g in o.param_groups):
                group["lr"] = options.rate * rate_at(step + 1, len(data))
            with torch.autocast(device, torch.bfloat16):
                loss = loss_function(model, tokens, scored)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for each in optimizer:
                each.step()
                each.zero_grad(set_to_none=True)
            seen += tokens.numel()
            running = loss.detach() if running is None else running.lerp(loss.detach(), 0.02)
            if (step + 1) % options.check_every == 0 or step + 1 == len(data):
                length = data.lengths[step]
                checks = evaluate(model, options.lesson, length, options.check_rows, device)
                row = [step + 1, length, seen, round(time.time() - began, 1), round(running.item(), 4)]
                log.writerow(row + [round(v, 4) for pair in checks.values() for v in pair])
                file.flush()
                print(*row, " ".join(f"{task} {a:.3f}/{b:.2f}" for task, (a, b) in checks.items()), flush=True)
                save(model, words, tasks.EOS, options.output)
    settings = {k: str(v) if isinstance(v, Path) else v for k, v in vars(options).items()}
    settings |= {"torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
                 "seconds": round(time.time() - began, 1), "tokens seen": seen,
                 "parameters": sum(p.numel() for p in model.parameters())}
    (options.output / "training.json").write_text(json.dumps(settings, indent=2) + "\n")


if __name__ == "__main__":
    main()
