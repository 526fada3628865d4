"""Muon (Jordan et al. 2024) as torch.optim.Muon has it, for all matrices of one shape at once.

On a model this small the library's loop over matrices is the longest part of a training step.
"""

from collections import defaultdict

import torch


class Muon:
    """Momentum, made orthogonal by five Newton-Schulz steps and scaled to the size of AdamW's updates."""

    def __init__(self, matrices, lr, momentum=0.95, weight_decay=0.01):
        self.momentum, self.weight_decay = momentum, weight_decay
        self.param_groups = [{"lr": lr}]
        shapes = defaultdict(list)
        for matrix in matrices:
            shapes[matrix.shape].append(matrix)
        self.groups = [(group, torch.stack([torch.zeros_like(m) for m in group])) for group in shapes.values()]

    @torch.no_grad()
    def step(self):
        rate = self.param_groups[0]["lr"]
        for group, average in self.groups:
            gradient = torch.stack([matrix.grad for matrix in group])
            average.lerp_(gradient, 1 - self.momentum)
            update = orthogonal(gradient.lerp(average, self.momentum))
            rows, columns = update.shape[1:]
            torch._foreach_mul_(group, 1 - rate * self.weight_decay)
            torch._foreach_add_(group, list(update.to(gradient.dtype).unbind()),
                                alpha=-rate * 0.2 * max(rows, columns) ** 0.5)

    def zero_grad(self, set_to_none=True):
        for group, _ in self.groups:
            for matrix in group:
                matrix.grad = None


def orthogonal(x, steps=5, a=3.4445, b=-4.7750, c=2.0315):
    """The nearest matrix with equal singular values, roughly, of each of a stack of matrices."""
    x = x.bfloat16()
    turned = x.shape[1] > x.shape[2]
    if turned:
        x = x.mT
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if turned else x
