"""Writes frequencies.json and yarn-long/ with the reference library, transformers 5.17 and torch 2.13.

    python golden.py MODELS      (the folder of the tiny models, ../models)
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

HERE = Path(__file__).parent
BASE = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 512,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "num_hidden_layers": 1,
    "intermediate_size": 16,
    "vocab_size": 16,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
}
PAIRS = 32


def scaling(**keys):
    return {"rope_scaling": keys}


def parameters(**keys):
    return {"rope_parameters": keys}


SHORT = [1 + 0.05 * j for j in range(PAIRS)]
LONG = [1 + 0.5 * j for j in range(PAIRS)]
LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=1024)
# Configurations, and context lengths for which the frequencies are wanted.
CASES = {
    "default": ({}, [None]),
    "no theta": ({"rope_theta": ...}, [None]),
    "theta in parameters": (parameters(rope_type="default", rope_theta=5e5), [None]),
    "linear, older key": (scaling(type="linear", factor=4.0), [None]),
    "linear, newer key": (parameters(rope_type="linear", factor=2, rope_theta=1e6), [None]),
    "dynamic": (scaling(type="dynamic", factor=2.0), [4096, 4097, 6000, 8192]),
    "dynamic, newer key": (parameters(rope_type="dynamic", factor=4.0, rope_theta=5e4), [100, 16384]),
    "yarn": (scaling(rope_type="yarn", factor=4.0, original_max_position_embeddings=1024), [None]),
    "yarn, no original": (scaling(type="yarn", factor=4.0), [None]),
    "yarn, betas": (
        scaling(rope_type="yarn", factor=16.0, original_max_position_embeddings=256, beta_fast=16.0, beta_slow=2.0),
        [None],
    ),
    "yarn, not truncated": (
        scaling(rope_type="yarn", factor=4.0, original_max_position_embeddings=1024, truncate=False),
        [None],
    ),
    "yarn, attention factor": (
        scaling(rope_type="yarn", factor=4.0, original_max_position_embeddings=1024, attention_factor=0.7),
        [None],
    ),
    "yarn, mscale": (
        scaling(rope_type="yarn", factor=40.0, original_max_position_embeddings=4096, mscale=0.707, mscale_all_dim=1.0),
        [None],
    ),
    "yarn, one mscale": (
        scaling(rope_type="yarn", factor=40.0, original_max_position_embeddings=4096, mscale=0.707),
        [None],
    ),
    "yarn, as Qwen's pages have it": (
        {
            "rope_theta": 1e6,
            "max_position_embeddings": 32768,
            **scaling(type="yarn", factor=4.0, original_max_position_embeddings=32768),
        },
        [None],
    ),
    "longrope": (
        scaling(type="longrope", short_factor=SHORT, long_factor=LONG, original_max_position_embeddings=1024),
        [1000, 1024, 1025, 4096],
    ),
    "longrope, factor": (
        parameters(
            rope_type="longrope",
            rope_theta=1e4,
            factor=8.0,
            short_factor=SHORT,
            long_factor=LONG,
            original_max_position_embeddings=1024,
        ),
        [512, 8192],
    ),
    "longrope, attention factor": (
        scaling(
            type="longrope",
            attention_factor=1.25,
            short_factor=SHORT,
            long_factor=LONG,
            original_max_position_embeddings=1024,
        ),
        [2000],
    ),
    "longrope, original outside": (
        {
            "original_max_position_embeddings": 2048,
            **scaling(type="longrope", short_factor=SHORT, long_factor=LONG),
        },
        [2048, 2049],
    ),
    "llama3": (scaling(rope_type="llama3", **LLAMA3), [None]),
    "llama3, newer key": (parameters(rope_type="llama3", rope_theta=5e5, **LLAMA3), [None]),
}


def frequencies(config, length):
    kind = config.rope_parameters["rope_type"]
    if kind == "default":
        dim = config.head_dim
        return 1.0 / config.rope_parameters["rope_theta"] ** (torch.arange(0, dim, 2).float() / dim), 1.0
    return ROPE_INIT_FUNCTIONS[kind](config, "cpu", seq_len=length)


def write_frequencies():
    rows = []
    for name, (changes, lengths) in CASES.items():
        raw = {key: value for key, value in {**BASE, **changes}.items() if value is not ...}
        for length in lengths:
            config = AutoConfig.for_model(**json.loads(json.dumps(raw)))
            inverse, factor = frequencies(config, length)
            rows.append(
                {
                    "name": name,
                    "config": raw,
                    "context": length or 1,
                    "inverse_frequencies": inverse.tolist(),
                    "attention_factor": factor,
                }
            )
    text = ",\n ".join(json.dumps(row) for row in rows)
    (HERE / "frequencies.json").write_text('{"cases": [\n ' + text + "\n]}\n")


def in_double(model):
    """The same formula, with angles in double precision instead of single."""
    rotary = model.model.rotary_emb
    parameters = model.config.rope_parameters
    torch_arange = torch.arange
    try:
        # The library asks for float; its formula is what is wanted, not its rounding.
        torch.arange = lambda *a, **k: torch_arange(*a, **{key: v for key, v in k.items() if key != "dtype"}).double()
        torch.float, torch.float32 = torch.float64, torch.float64
        inverse, factor = ROPE_INIT_FUNCTIONS[parameters["rope_type"]](model.config, "cpu")
    finally:
        torch.arange = torch_arange
        torch.float = torch.float32 = torch.empty(0, dtype=getattr(torch, "half")).float().dtype
    assert inverse.dtype == torch.float64

    def forward(x, position_ids):
        angles = position_ids[:, :, None].double() * inverse
        both = torch.cat((angles, angles), dim=-1)
        return both.cos() * factor, both.sin() * factor

    rotary.forward = forward


def write_long(models):
    count = 9000
    config = json.loads((HERE / "yarn-qwen2" / "config.json").read_text())
    config["max_position_embeddings"] = 16384
    config["rope_scaling"] = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096}
    folder = HERE / "yarn-long"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(**config), attn_implementation="eager", dtype=torch.float64
    )
    weights = load_file(models / "qwen2" / "model.safetensors")
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    model.double().eval()
    in_double(model)
    generator = torch.Generator().manual_seed(9)
    ids = torch.randint(0, config["vocab_size"], (1, count), generator=generator)
    with torch.no_grad():
        # In chunks, so that the scores stay small.
        cache, logits = None, []
        for begin in range(0, count, 600):
            out = model(ids[:, begin : begin + 600], past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            logits.append(out.logits[0, -1])
    positions = torch.arange(599, count, 600, dtype=torch.int32)
    save_file(
        {
            "input_ids": ids[0].to(torch.int32),
            "positions": positions,
            "logits": torch.stack(logits).to(torch.empty(0).dtype),
        },
        folder / "golden.safetensors",
    )


if __name__ == "__main__":
    write_frequencies()
    write_long(Path(sys.argv[1]))
