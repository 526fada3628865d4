#!/usr/bin/env python3
"""Times PyTorch's scaled_dot_product_attention at the shapes of `resa bench attention`.

One decoding step of one layer, dense: one query a sequence, K and V of `--context` tokens, fp16. Every back end that
takes the shape is timed; the rows are what `resa bench attention --peer FILE` and `resa bench generate --peer FILE`
read, and hold the fastest, unless --all asks for each:

    python3 bench/peers/sdpa.py --shape qwen2.5-7b --batch 1,8 --context 4K,64K > sdpa.json
    ./resa bench attention --peer sdpa.json --shape qwen2.5-7b --batch 1,8 --context 4K,64K

Device times are those of CUDA events around several calls. Without a CUDA device it runs on the CPU, with wall times,
to try it out. Errors are relative to double precision, on sampled heads; a wrong result is not printed and ends the
script with 1. Needs PyTorch 2.5 or later and nothing else.
"""

import argparse
import json
import platform
import statistics
import sys
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

SHAPES = {
    "qwen2.5-7b": (28, 4, 128),
    "qwen2.5-1.5b": (12, 2, 128),
    "llama-3-8b": (32, 8, 128),
    "clerk": (4, 2, 64),
}
BACKENDS = {
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "flash": SDPBackend.FLASH_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
}
TOLERANCE = 2e-3


def tokens(text):
    """4096, 64K or 1M; K is 1024."""
    unit = {"K": 1 << 10, "M": 1 << 20}.get(text[-1].upper(), 1)
    return int(text if unit == 1 else text[:-1]) * unit


def quartiles(samples):
    ordered = sorted(samples)
    q1, _, q3 = statistics.quantiles(ordered, n=4, method="inclusive")
    return statistics.median(ordered), q1, q3


def timed(device, call, repetitions, calls=5):
    """Milliseconds a call: several samples of several calls each, after a warm-up."""
    for _ in range(calls):
        call()
    samples = []
    for _ in range(repetitions):
        if device.type == "cuda":
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            torch.cuda.synchronize()
            start.record()
            for _ in range(calls):
                call()
            end.record()
            torch.cuda.synchronize()
            samples.append(start.elapsed_time(end) / calls)
        else:
            start = time.perf_counter()
            for _ in range(calls):
                call()
            samples.append((time.perf_counter() - start) * 1e3 / calls)
    return samples


def copy_bandwidth(device):
    """Bytes read plus bytes written per second, the best of several copies of memory beyond the caches."""
    size = (2 << 30) if device.type == "cuda" else (256 << 20)
    source = torch.ones(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size / min(timed(device, lambda: target.copy_(source), 10, 3)) * 1e3


def attention(query, key, value, grouped):
    if grouped:
        return scaled_dot_product_attention(query, key, value, enable_gqa=True)
    return scaled_dot_product_attention(query, key, value)


def error(output, query, key, value):
    """The worst relative error of some heads, against double precision."""
    batch, heads = query.shape[:2]
    group = heads // key.shape[1]
    worst = 0.0
    for sequence, head in ((0, 0), (batch // 2, heads // 2), (batch - 1, heads - 1)):
        q = query[sequence, head, 0].double()
        k = key[sequence, head // group].double()
        v = value[sequence, head // group].double()
        expected = torch.softmax(k @ q / q.shape[0] ** 0.5, 0) @ v
        difference = torch.linalg.vector_norm(output[sequence, head, 0].double() - expected)
        worst = max(worst, (difference / torch.linalg.vector_norm(expected)).item())
    return worst


def measure(device, shape, batch, context, repetitions):
    """Yields back end, samples in milliseconds, and error of every back end that takes the shape."""
    heads, kv_heads, width = shape
    draw = torch.Generator(device).manual_seed(1)
    query, key, value = (
        torch.randn((batch, count, length, width), dtype=torch.float16, device=device, generator=draw)
        for count, length in ((heads, 1), (kv_heads, context), (kv_heads, context))
    )
    for name, backend in BACKENDS.items():
        try:
            with sdpa_kernel(backend):
                output = attention(query, key, value, heads != kv_heads)
                samples = timed(device, lambda: attention(query, key, value, heads != kv_heads), repetitions)
        except RuntimeError as refused:
            reason = str(refused).splitlines()[0]
            print(f"{name}: batch {batch}, {context} tokens: {reason}", file=sys.stderr)
            continue
        yield name, samples, error(output, query, key, value)


def row(device, backend, name, shape, batch, context, samples, copy, worst):
    heads, kv_heads, width = shape
    cuda = device.type == "cuda"
    columns = {
        "benchmark": "attention",
        "engine": "pytorch-sdpa",
        "device": "cuda:0" if cuda else "cpu",
        "device_name": torch.cuda.get_device_name(device) if cuda else platform.processor() or platform.machine(),
        "backend": f"{backend}, torch {torch.__version__}",
        "kv_type": "f16",
        "shape": name,
        "heads": heads,
        "kv_heads": kv_heads,
        "head_dim": width,
        "batch": batch,
        "context": context,
        "keep_ratio": 1,
        "block_size": 16,
        "min_blocks": 1,
        "local_blocks": 0,
        "rectify_every": 0,
        "stage": "dense step",
        "bytes": 2 * 2 * batch * kv_heads * context * width,
        "copy_gb_s": copy / 1e9,
        "error": worst,
    }
    kind = "device" if cuda else "wall"
    columns[f"{kind}_ms"], columns[f"{kind}_q1_ms"], columns[f"{kind}_q3_ms"] = quartiles(samples)
    return columns


def shapes(text):
    for name in text.split(","):
        parts = name.split("/")
        yield name, SHAPES[name] if name in SHAPES else tuple(int(part) for part in parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="qwen2.5-7b", help=f"{', '.join(SHAPES)}, or Hq/Hkv/d (qwen2.5-7b)")
    parser.add_argument("--batch", default="1,8", help="sequences (1,8)")
    parser.add_argument("--context", default="4K,16K,64K,256K", help="tokens cached (4K,16K,64K,256K)")
    parser.add_argument("-r", "--repetitions", type=int, default=20, help="samples (20)")
    parser.add_argument("--all", action="store_true", help="print every back end, not the fastest alone")
    options = parser.parse_args()
    if options.repetitions < 2:
        parser.error("-r must be at least 2")

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    copy = copy_bandwidth(device)
    wrong = False
    rows = []
    for name, shape in shapes(options.shape):
        for batch in (int(count) for count in options.batch.split(",")):
            for context in (tokens(count) for count in options.context.split(",")):
                measured = []
                for backend, samples, worst in measure(device, shape, batch, context, options.repetitions):
                    if worst <= TOLERANCE:
                        measured.append(row(device, backend, name, shape, batch, context, samples, copy, worst))
                    else:
                        wrong = True
                        print(f"{backend}: batch {batch}, {context} tokens: WRONG, {worst:.1e}", file=sys.stderr)
                measured.sort(key=lambda columns: columns.get("device_ms", columns.get("wall_ms")))
                rows += measured if options.all else measured[:1]
    print("[\n" + ",\n".join(json.dumps(columns) for columns in rows) + "\n]")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
