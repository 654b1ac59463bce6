"""Times openpi's own JAX train step and sampling or decoding, and prints one JSON line.

The model, loss, optimizer, sampling and decoding are openpi's, imported from $OPENPI_DIR; only its size tables are
replaced, by configs.json beside this file. Images are not augmented. A configuration whose `images` is null runs openpi
without cameras: no image is expected, and the image tower is replaced by a module without parameters that is never
called on an image.
"""

import argparse
import collections
import contextlib
import functools
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import statistics
import sys
import time
import types

WALL_AT_START = time.time()
HERE = pathlib.Path(__file__).resolve().parent


def process_started_at():
    """Wall-clock time at which the operating system started this process (Linux; elsewhere, this file's first line)."""
    try:
        stat = pathlib.Path("/proc/self/stat").read_text()
        ticks = int(stat.rsplit(")", 1)[1].split()[19])
        uptime = float(pathlib.Path("/proc/uptime").read_text().split()[0])
    except OSError:
        return WALL_AT_START
    return time.time() - (uptime - ticks / os.sysconf("SC_CLK_TCK"))


def peak_rss_mb():
    """High-water mark of this program only (Linux; elsewhere null): getrusage would carry the parent's across exec."""
    try:
        status = pathlib.Path("/proc/self/status").read_text()
    except OSError:
        return None
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


class Absent(types.ModuleType):
    """Stands in for a package that openpi imports but this benchmark never uses: every name in it is an empty class."""

    def __init__(self, name):
        super().__init__(name)
        self.__path__ = []
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def stand_in(root, *submodules):
    """Puts stand-ins for `root` and the submodules openpi imports, unless the real package is installed."""
    if importlib.util.find_spec(root) is not None:
        return False
    for name in (root, *(f"{root}.{s}" for s in submodules)):
        sys.modules[name] = Absent(name)
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], leaf, sys.modules[name])
    return True


def import_openpi(directory):
    """Makes openpi importable; returns the names of the packages that were replaced by stand-ins."""
    for part in ("src", "packages/openpi-client/src", "scripts"):
        sys.path.insert(0, str(directory / part))
    absent = []
    if stand_in("lerobot", "common", "common.datasets", "common.datasets.lerobot_dataset"):
        absent.append("lerobot")
    if stand_in("wandb"):
        absent.append("wandb")
    if stand_in("torch", "nn", "nn.functional", "utils", "utils.data", "distributed"):
        sys.modules["openpi.models_pytorch.pi0_pytorch"] = Absent("openpi.models_pytorch.pi0_pytorch")
        absent.append("torch")
    return absent


def gemma_sizes(table):
    return {
        "width": table["width"],
        "depth": table["depth"],
        "mlp_dim": table["mlpDim"],
        "num_heads": table["numHeads"],
        "num_kv_heads": table["numKvHeads"],
        "head_dim": table["headDim"],
    }


def use_gemma(config):
    """Replaces openpi's vocabulary and Gemma sizes."""
    import ml_collections
    import openpi.models.gemma as gemma
    import openpi.models.gemma_fast as gemma_fast

    if config["kind"] == "pi0_fast":
        fixed = {"norm_eps": 1e-6, "vocab_size": config["vocab"], "scan": True, "remat_policy": "nothing_saveable"}
        table = {"variant": "gemma_2b", **gemma_sizes(config["gemma"]), **fixed}
        gemma_fast.get_config = lambda _: ml_collections.ConfigDict(table)
        return
    names = {"gemma_2b": "gemma", "gemma_300m": "expert"}
    gemma.get_config = lambda name: gemma.Config(**gemma_sizes(config[names[name]]))
    gemma.PALIGEMMA_VOCAB_SIZE = config["vocab"]


def use_images(images):
    """Replaces openpi's list of cameras and the sizes of its image tower; without cameras, the tower itself."""
    import flax.linen as linen
    import jax.numpy as jnp
    import openpi.models.model as model
    import openpi.models.siglip as siglip

    class NoTower(linen.Module):
        width: int

        def __call__(self, image, *, train=False):
            return jnp.zeros((image.shape[0], 0, self.width), image.dtype), {}

    preprocess = model.preprocess_observation
    preprocess.__kwdefaults__["image_keys"] = tuple(cameras_of(images))
    model.preprocess_observation = lambda rng, observation, *, train=False, **options: preprocess(
        rng, observation, train=False, **options
    )
    if images is None:
        siglip.Module = lambda *, num_classes, **_: NoTower(width=num_classes)
        return
    tower = images["siglip"]
    sizes = {"width": tower["width"], "depth": tower["depth"], "mlp_dim": tower["mlpDim"], "num_heads": tower["numHeads"]}
    module, patch = siglip._Module, (tower["patch"], tower["patch"])
    siglip.Module = lambda *, num_classes, variant, **options: module(num_classes, patch_size=patch, **sizes, **options)


def cameras_of(images):
    return ("base_0_rgb", "left_wrist_0_rgb", "right_wrist_0_rgb")[: 0 if images is None else images["cameras"]]


def model_config_of(config):
    import openpi.models.pi0_config as pi0_config
    import openpi.models.pi0_fast as pi0_fast

    kinds = {"pi0": pi0_config.Pi0Config, "pi0_fast": pi0_fast.Pi0FASTConfig}
    return kinds[config["kind"]](
        dtype="float32",
        action_dim=config["actionDim"],
        action_horizon=config["actionHorizon"],
        max_token_len=config["maxTokenLen"],
    )


def matmul_flops(jaxpr, while_trips=1):
    """2·m·n·k of every dot_general, a scan's body as often as it runs and a while's `while_trips` times."""
    total = 0
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        if name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            shape = equation.invars[0].aval.shape
            depth = functools.reduce(lambda n, axis: n * shape[axis], contracted, 1)
            total += 2 * depth * equation.outvars[0].aval.size
        times = {"scan": equation.params.get("length", 1), "while": while_trips}.get(name, 1)
        for value in equation.params.values():
            for item in value if isinstance(value, tuple | list) else (value,):
                inner = getattr(item, "jaxpr", item)
                if hasattr(inner, "eqns"):
                    total += times * matmul_flops(inner, while_trips)
    return total


def times_of(call, count):
    seconds, cpu = [], []
    for _ in range(count):
        start, cpu_start = time.perf_counter(), time.process_time()
        call()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
    return {
        "median": round(statistics.median(seconds), 6),
        "min": round(min(seconds), 6),
        "cpu": round(statistics.median(cpu), 6),
    }


def inputs(config, batch, seed=0):
    """One batch, full prompt: (observation, actions), uniform and seeded."""
    import jax
    import numpy as np
    from openpi.models.model import Observation

    draw = np.random.default_rng(seed)
    state = draw.uniform(-1, 1, (batch, config["actionDim"])).astype(np.float32)
    tokens = draw.integers(3, config["vocab"], (batch, config["maxTokenLen"])).astype(np.int32)
    actions = draw.uniform(-1, 1, (batch, config["actionHorizon"], config["actionDim"])).astype(np.float32)
    images, cameras = config["images"], cameras_of(config["images"])
    size = 0 if images is None else images["size"]
    prompt = {
        "image": {name: draw.integers(0, 256, (batch, size, size, 3), dtype=np.uint8) for name in cameras},
        "image_mask": {name: np.ones(batch, bool) for name in cameras},
        "state": state,
        "tokenized_prompt": tokens,
        "tokenized_prompt_mask": np.ones(tokens.shape, bool),
    }
    if config["kind"] == "pi0_fast":
        # The second half of the tokens is what is learned.
        learned = np.broadcast_to(np.arange(tokens.shape[1]) >= tokens.shape[1] // 2, tokens.shape)
        prompt |= {"token_ar_mask": learned.astype(np.int32), "token_loss_mask": learned}
    observation = Observation.from_dict(prompt)
    return jax.tree.map(jax.numpy.asarray, (observation, actions))


def write_dump(directory, name, traced):
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(traced.lower().as_text())


@contextlib.contextmanager
def compile_phases():
    """The seconds JAX reports for each phase of the longest compilation in the block: inner traces are part of it."""
    import jax

    seconds = collections.defaultdict(float)
    listening = True

    def listen(event, duration, **_):
        if listening:
            phase = event.rpartition("/")[2]
            seconds[phase] = max(seconds[phase], duration)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield seconds
    finally:
        listening = False


def bench_training(config, model_config, options, started):
    import jax
    import openpi.training.config as training_config
    import openpi.training.optimizer as optimizer
    import openpi.training.sharding as sharding
    import train

    run = training_config.TrainConfig(
        name="bench",
        exp_name="bench",
        model=model_config,
        lr_schedule=optimizer.CosineDecaySchedule(warmup_steps=10, peak_lr=1e-4, decay_steps=1000, decay_lr=1e-5),
        optimizer=optimizer.AdamW(),
        ema_decay=0.99,
    )
    mesh = sharding.make_mesh(1)
    by_batch = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(sharding.DATA_AXIS))
    everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    key, init_key = jax.random.split(jax.random.key(0))
    state, state_sharding = train.init_train_state(run, init_key, mesh, resume=False)
    batch = jax.device_put(inputs(config, config["batch"]), by_batch)
    step = jax.jit(
        functools.partial(train.train_step, run),
        in_shardings=(everywhere, state_sharding, by_batch),
        out_shardings=(state_sharding, everywhere),
        donate_argnums=(1,),
    )
    with sharding.set_mesh(mesh):
        with compile_phases() as phases:
            state, info = jax.block_until_ready(step(key, state, batch))
        first_step, first_step_cpu = time.time() - started, time.process_time()
        losses = [float(info["loss"])]

        def one_step():
            nonlocal state, info
            state, info = jax.block_until_ready(step(key, state, batch))

        while len(losses) < 3:
            one_step()
            losses.append(float(info["loss"]))
        step_s = times_of(one_step, options.steps)
    peak = peak_rss_mb()
    with sharding.set_mesh(mesh):
        traced = step.trace(key, state, batch)
        write_dump(options.jax_dump, f"{options.config}.train_step.mlir", traced)
    return state, {
        "params": sum(leaf.size for leaf in jax.tree.leaves(state.params)),
        "trace_lower_s": round(phases["jaxpr_trace_duration"] + phases["jaxpr_to_mlir_module_duration"], 3),
        "compile_s": round(phases["backend_compile_duration"], 3),
        "first_step_from_process_start_s": round(first_step, 3),
        "first_step_cpu_s": round(first_step_cpu, 3),
        "step_s": step_s,
        "matmul_flops_per_step": matmul_flops(traced.jaxpr.jaxpr),
        "losses": losses,
        "last_loss": float(info["loss"]),
        "peak_rss_after_training_mb": peak,
    }


def bench_sampling(config, state, options):
    import flax.nnx as nnx
    import jax
    import openpi.shared.nnx_utils as nnx_utils

    model = nnx.merge(state.model_def, state.params)
    model.eval()
    observation, _ = inputs(config, 1)
    key = jax.random.key(1)
    noise = jax.random.normal(key, (1, config["actionHorizon"], config["actionDim"]))
    if config["kind"] == "pi0_fast":
        sample = nnx_utils.module_jit(model.sample_actions, static_argnames=("max_decoding_steps",))
        arguments = {"max_decoding_steps": config["decodingSteps"]}
        ends = jax.numpy.asarray(sample(key, observation, **arguments) == 1)
        if ends.any():
            raise SystemExit("the policy ended its answer early: tokens per second would be of fewer steps")
    else:
        sample, arguments = nnx_utils.module_jit(model.sample_actions), {"noise": noise}

    def one_sample():
        jax.block_until_ready(sample(key, observation, **arguments))

    first = times_of(one_sample, 1)["min"]
    sample_b1_s = times_of(one_sample, options.samples)
    peak = peak_rss_mb()
    definition, parameters = nnx.split(model)
    traced = jax.jit(lambda p, o: nnx.merge(definition, p).sample_actions(key, o, **arguments)).trace(
        parameters, observation
    )
    write_dump(options.jax_dump, f"{options.config}.sample_b1.mlir", traced)
    trips = config.get("decodingSteps", 10)
    return {
        "sample_first_call_s": first,
        "sample_b1_s": sample_b1_s,
        "matmul_flops_per_sample": matmul_flops(traced.jaxpr.jaxpr, while_trips=trips),
        "peak_rss_mb": peak,
    }


def main():
    started = process_started_at()
    configs = json.loads((HERE / "configs.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", choices=sorted(configs), required=True)
    parser.add_argument("--steps", type=int, default=30, help="timed train steps, after the first three")
    parser.add_argument("--samples", type=int, default=30, help="timed samples, after the first")
    parser.add_argument("--cache", type=pathlib.Path, help="JAX's persistent compilation cache")
    parser.add_argument("--jax-dump", type=pathlib.Path, help="folder for the lowered StableHLO text of both programs")
    options = parser.parse_args()
    if "OPENPI_DIR" not in os.environ:
        parser.error("OPENPI_DIR is not set: not a checkout of openpi, see README.md")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    # Run-time shape checks only slow tracing down, and refuse jit's ahead-of-time stages.
    os.environ["JAXTYPING_DISABLE"] = "1"
    openpi = pathlib.Path(os.environ["OPENPI_DIR"])
    if not (openpi / "src/openpi/models/pi0.py").is_file():
        parser.error(f"OPENPI_DIR={openpi} holds no src/openpi/models/pi0.py: not a checkout of openpi, see README.md")
    absent = import_openpi(openpi)

    import jax

    if options.cache is not None:
        jax.config.update("jax_compilation_cache_dir", str(options.cache.absolute()))
    config = configs[options.config]
    use_gemma(config)
    use_images(config["images"])
    model_config = model_config_of(config)
    import train  # noqa: F401  (openpi's scripts/train.py and all it needs: part of what a user waits for)

    imports_s, rss = time.time() - started, peak_rss_mb()
    state, training = bench_training(config, model_config, options, started)
    sampling = bench_sampling(config, state, options)
    report = {
        "config": options.config,
        "jax": jax.__version__,
        "platform": jax.default_backend(),
        "absent": absent,
        "imports_s": round(imports_s, 3),
        "rss_after_imports_mb": rss,
        **training,
        **sampling,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
