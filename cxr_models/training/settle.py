"""After training: batch-norm statistics of films as they are.

While it learns, a network sees augmented films: coarser, noisier, of another contrast. Batch norm keeps the mean and
variance of those, and in use, on films as they are, every answer is shifted. So the statistics are taken once more from
training films without augmentation (as for averaged weights, Izmailov et al. 2018, section 3.2); no weight changes.
"""

import torch
from torch import nn

from .draws import of_stage
from .recipes import Stage
from .stage import Material
from .tasks import TASKS

FILMS = 1024


def settle(net: nn.Module, stage: Stage, given: Material) -> None:
    """Statistics of at most ``FILMS`` training films for every batch norm that learned in ``stage``, its last one."""
    norms = {n: m for n, m in net.named_modules() if isinstance(m, nn.BatchNorm2d) and not n.startswith(stage.frozen)}
    if not norms or not stage.augment:
        return
    device = "cuda" if torch.cuda.is_available() else "cpu"
    net = net.to(memory_format=torch.channels_last)
    task = TASKS[stage.task](net, stage, given.spec, given.films, given.seed).to(device)
    task.eval()  # in eval mode nothing is augmented
    momenta = {name: norm.momentum for name, norm in norms.items()}
    for norm in norms.values():
        norm.train().reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    numbers = torch.tensor(of_stage(given.rows, stage, "train").index.to_numpy())
    shuffled = numbers[torch.randperm(len(numbers), generator=torch.Generator().manual_seed(given.seed))][:FILMS]
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        for batch in shuffled.split(64):
            task.loss(batch)
    for name, norm in norms.items():
        norm.momentum = momenta[name]
    net.cpu().eval()
