"""Rows per second of LeRobot's own loader: root, rows, batch size, workers, action horizon, what (rows or statistics)."""

import json
import sys
import time

import numpy as np
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset


def main() -> None:
    root, rows, batch, workers, horizon, what = sys.argv[1], *map(int, sys.argv[2:6]), sys.argv[6]
    plain = LeRobotDataset("bench/dataset", root=root)
    dataset = LeRobotDataset(
        "bench/dataset", root=root, delta_timestamps={"action": [i / plain.fps for i in range(horizon)]}
    )
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=True, drop_last=True
    )

    def batches():
        while True:
            yield from loader

    stream = batches()
    next(stream)
    sums = {}
    start = time.perf_counter()
    seen = 0
    while seen < rows:
        loaded = next(stream)
        seen += batch
        if what == "statistics":
            for key in ("observation.state", "action"):
                values = loaded[key].numpy().reshape(-1, loaded[key].shape[-1])
                total, squares, low, high, count = sums.get(key, (0, 0, np.inf, -np.inf, 0))
                sums[key] = (
                    total + values.sum(0),
                    squares + (values**2).sum(0),
                    np.minimum(low, values.min(0)),
                    np.maximum(high, values.max(0)),
                    count + len(values),
                )
    print(json.dumps({"rows": seen, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
