"""The training, from the first weight to the last: it stops after each epoch to be looked at."""

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from .exam import Exam, Snapshot
from .films import Material, letters, with_letter
from .net import TinyNet, tensor

EPOCHS, BATCH = 12, 10
RATE, HEAD_RATE = 3e-3, 3e-2


def grow(material: Material, strength: float, seed: int, epochs: int = EPOCHS) -> Iterator[Snapshot]:
    """A snapshot before the first epoch and one after each. The same arguments give the same snapshots, bit by bit."""
    bears = letters(material.train.ill, strength, np.random.default_rng(seed))
    films = tensor(with_letter(material.train.pixels, bears))  # (n, 1, S, S)
    ill = torch.from_numpy(material.train.ill.astype(np.float32))  # (n,)
    exam = Exam(material)

    chance = torch.Generator().manual_seed(seed)
    net = TinyNet(chance)
    parts = [{"params": net.features.parameters()}, {"params": net.head.parameters(), "lr": HEAD_RATE}]
    adam = torch.optim.Adam(parts, RATE)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs)

    yield exam.sit(net, 0)
    for epoch in range(1, epochs + 1):
        net.train()
        for rows in torch.randperm(len(ill), generator=chance).split(BATCH):
            loss = binary_cross_entropy_with_logits(net(films[rows]), ill[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
        slower.step()
        yield exam.sit(net, epoch)
