"""Trains an HRNet on a class-per-folder directory, over one or several processes."""

from __future__ import annotations

import logging
import math
import os
import time

import numpy as np
import paddle
import paddle.distributed as dist
from paddle import nn
from paddle.io import DataLoader, DistributedBatchSampler, Subset
from tqdm import tqdm

from hrnet_native.data.folder import class_folders, list_labelled_images
from hrnet_native.errors import InvalidArgumentError
from hrnet_native.models.hrnet import HRNet
from hrnet_native.models.registry import create_model
from hrnet_native.training.checkpoint import load_checkpoint, save_checkpoint
from hrnet_native.training.config import TrainConfig
from hrnet_native.training.dataset import ImageDataset
from hrnet_native.training.ema import Ema
from hrnet_native.weights.files import Weights, save_weights

logger = logging.getLogger(__name__)


def train(config: TrainConfig) -> None:
    """Runs or resumes training; ends with ``weights.safetensors`` (the averaged weights) in ``output_dir``.

    Raises:
        InvalidArgumentError: The data directory is not as expected, or has fewer training images than a batch.
    """
    _, train_set, _ = _load_data(config)  # what is wrong with it is said here, not by one of several processes
    if len(train_set) < config.batch_size:
        raise InvalidArgumentError(f"{len(train_set)} training images are less than one batch of {config.batch_size}")
    config.output_dir.mkdir(parents=True, exist_ok=True)
    if config.num_processes == 1:
        _run(config)
        return
    # One core each: Paddle's convolutions gain less from a second thread than from a second process.
    os.environ["OMP_NUM_THREADS"] = "1"
    dist.spawn(_run_parallel, args=(config,), nprocs=config.num_processes, backend="gloo")


def _run_parallel(config: TrainConfig) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    dist.init_parallel_env()
    _run(config)


def _load_data(config: TrainConfig) -> tuple[list[str], ImageDataset, ImageDataset]:
    """Returns the names of the classes, the training images and the test images."""
    class_names = class_folders(config.data / "train")
    train_set = ImageDataset(list_labelled_images(config.data / "train", class_names), config, training=True)
    test_set = ImageDataset(list_labelled_images(config.data / "test", class_names), config, training=False)
    return class_names, train_set, test_set


def _run(config: TrainConfig) -> None:
    is_main = dist.get_rank() == 0
    paddle.seed(config.seed)
    class_names, train_set, test_set = _load_data(config)
    sampler = DistributedBatchSampler(
        train_set, config.batch_size // config.num_processes, shuffle=True, drop_last=True
    )
    model = create_model(config.arch, num_classes=len(class_names), **config.arch_overrides)
    schedule = cosine_schedule(config, steps_per_epoch=len(sampler))
    optimizer = _optimizer(model, config, schedule)
    ema = Ema(model, config.ema_decay)
    first_epoch = load_checkpoint(config.output_dir, model=model, optimizer=optimizer, ema=ema)

    for epoch in range(first_epoch, config.epochs):
        train_set.epoch = epoch
        sampler.set_epoch(config.seed * config.epochs + epoch)  # what the sampler seeds its order with
        loader = DataLoader(train_set, batch_sampler=sampler, num_workers=0)
        start = time.monotonic()
        loss = _train_epoch(
            model, optimizer, schedule, ema, tqdm(loader, f"epoch {epoch + 1}", disable=not is_main), config
        )
        seconds = time.monotonic() - start
        if config.num_processes > 1:
            # Batch-norm statistics are each process's own until here.
            states = [*model.state_dict().items(), *ema.state_dict().items()]
            average_over_processes([t for name, t in states if name.endswith(("._mean", "._variance"))])
        accuracy = evaluate(_averaged_model(model, ema, config), test_set)
        if is_main:
            logger.info(
                "epoch %d/%d  loss %.4f  test top-1 %.4f  %.1f images/s",
                epoch + 1,
                config.epochs,
                loss,
                accuracy,
                len(train_set) / seconds,
            )
            save_checkpoint(config.output_dir, epoch=epoch + 1, model=model, optimizer=optimizer, ema=ema)
    if is_main:
        save_weights(_result(ema, config, class_names), config.output_dir / "weights.safetensors")


def cosine_schedule(config: TrainConfig, steps_per_epoch: int) -> paddle.optimizer.lr.LRScheduler:
    """Linear warm-up to ``learning_rate``, then half a cosine down to zero at the last step."""
    warmup = max(1, round(config.warmup_epochs * steps_per_epoch))
    total = max(warmup + 1, config.epochs * steps_per_epoch)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / (total - warmup))))

    return paddle.optimizer.lr.LambdaDecay(config.learning_rate, factor)


def evaluate(model: nn.Layer, dataset: ImageDataset, batch_size: int = 100) -> float:
    """Top-1 accuracy of a Python model over a dataset, which the processes share out among them."""
    model.eval()
    shard = Subset(dataset, range(dist.get_rank(), len(dataset), dist.get_world_size()))
    correct = paddle.zeros([1])
    with paddle.no_grad():
        for images, labels in DataLoader(shard, batch_size=batch_size, num_workers=0):
            predicted = model(images).argmax(axis=1)
            correct += (predicted == labels.reshape([-1])).astype("float32").sum()
    if dist.get_world_size() > 1:
        dist.all_reduce(correct)
    return float(correct.item()) / len(dataset)


def _train_epoch(
    model: HRNet,
    optimizer: paddle.optimizer.Optimizer,
    schedule: paddle.optimizer.lr.LRScheduler,
    ema: Ema,
    batches: tqdm[tuple[paddle.Tensor, paddle.Tensor]],
    config: TrainConfig,
) -> float:
    model.train()
    criterion = nn.CrossEntropyLoss(soft_label=True)
    parameters = _trainable(model)
    losses = []
    for images, labels in batches:
        targets = nn.functional.label_smooth(
            nn.functional.one_hot(labels.reshape([-1]), model.num_classes), epsilon=config.label_smoothing
        )
        loss = criterion(model(images), targets)
        loss.backward()
        if config.num_processes > 1:
            average_over_processes([p.grad for p in parameters])
        optimizer.step()
        optimizer.clear_grad()
        schedule.step()
        ema.update(model)
        losses.append(float(loss))
        batches.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}")
    return float(np.mean(losses))


def average_over_processes(tensors: list[paddle.Tensor]) -> None:
    """Replaces tensors by their means over all processes, in one exchange."""
    flat = paddle.concat([t.reshape([-1]) for t in tensors])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    offset = 0
    for tensor in tensors:
        paddle.assign(flat[offset : offset + tensor.size].reshape(tensor.shape), tensor)
        offset += tensor.size


def _trainable(model: nn.Layer) -> list[paddle.Tensor]:
    return [p for p in model.parameters() if not p.stop_gradient]


def _optimizer(
    model: nn.Layer, config: TrainConfig, schedule: paddle.optimizer.lr.LRScheduler
) -> paddle.optimizer.Optimizer:
    weights = [p for p in _trainable(model) if p.ndim > 1]
    others = [p for p in _trainable(model) if p.ndim == 1]
    return paddle.optimizer.Momentum(
        schedule,
        momentum=config.momentum,
        use_nesterov=True,
        parameters=[
            {"params": weights, "weight_decay": config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
    )


def _result(ema: Ema, config: TrainConfig, class_names: list[str]) -> Weights:
    """The averaged weights with what export needs to know about them."""
    metadata = {
        "arch": config.arch,
        "arch_overrides": config.arch_overrides,
        "class_names": class_names,
        "input_size": config.input_size,
        "resize_short": config.input_size,
        "mean": config.mean,
        "std": config.std,
        "origin": config.origin,
    }
    return Weights({name: tensor.numpy() for name, tensor in ema.state_dict().items()}, metadata)


def _averaged_model(model: HRNet, ema: Ema, config: TrainConfig) -> HRNet:
    averaged = create_model(config.arch, num_classes=model.num_classes, **config.arch_overrides)
    averaged.set_state_dict(ema.state_dict())
    return averaged
