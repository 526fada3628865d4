"""Writes llama-biases/ with the reference library, transformers 5.17 and torch 2.13: a random Llama with every bias."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

folder = Path(__file__).parent / "llama-biases"
torch.manual_seed(12)
config = LlamaConfig(
    vocab_size=128,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=1,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=512,
    attention_bias=True,
    mlp_bias=True,
    bos_token_id=None,
    eos_token_id=1,
    rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
)
model = LlamaForCausalLM._from_config(config, attn_implementation="eager").eval()
with torch.no_grad():
    for name, parameter in model.named_parameters():
        # Biases are made zero, and weights small: neither would show.
        parameter.normal_(1 if name.endswith("norm.weight") else 0, 0.3 if name.endswith("bias") else 0.15)
model.save_pretrained(folder)
ids = torch.randint(0, 128, (1, 197))
with torch.no_grad():
    logits = model(ids).logits[0]
    greedy = ids[:, :40]
    for _ in range(48):
        greedy = torch.cat((greedy, model(greedy).logits[:, -1].argmax(-1, keepdim=True)), 1)
save_file(
    {
        "input_ids": ids[0].to(torch.int32),
        "logits": logits.float().contiguous(),
        "greedy_from_40": greedy[0].to(torch.int32),
    },
    folder / "golden.safetensors",
)
