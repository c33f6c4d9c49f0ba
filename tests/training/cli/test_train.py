"""`train`: what its flags become, and what it says before anything starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from common.errors import UserError
from common.runs import locate
from networks.augment import GROUPS
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.paths import BUSTS, DATA, ROOT
from tests.renderer.cli.command_line import run
from tests.training.tiny_runs import make, start, tiny, write_data
from training.cli.train import AUGPIPES
from training.data.dataset import ImageDataset, split
from training.learn.parts import untrained
from training.run.options import read, to_json
from training.run.rundir import RunDir
from training.start.plan import Asked, plan

SNAPSHOTS = DATA


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    write_data(folder / "suns", 40)
    write_data(folder / "classes", 40, classes=4)
    (folder / "empty").mkdir()
    broken = write_data(folder / "broken", 40) / "img00017.png"
    broken.write_bytes(b"\x89PNG broken")
    return folder


@pytest.fixture
def train(monkeypatch, capsys, folder):
    """Calls train in the folder of the data sets."""
    monkeypatch.chdir(folder)

    def call(*flags, data="suns", outdir="out"):
        return run(
            monkeypatch,
            capsys,
            "train",
            "--data",
            data,
            "--outdir",
            outdir,
            "--device",
            "cpu",
            *flags,
        )

    return call


def test_dry_run_prints_the_options_and_writes_nothing(train, folder):
    done = train("--dry-run", "--cfg", "paper256", "--mirror", "1", "--cond", data="classes")
    assert done.code == 0, done.err
    options = json.loads(done.out)
    assert options["training_set_kwargs"] == {
        "path": str(folder / "classes"),
        "use_labels": True,
        "max_size": None,
        "xflip": True,
        "resolution": 16,
        "val_fraction": 0.0,
    }
    # A batch of 64 as published on 8 GPUs: 8 at a time.
    assert (options["batch_size"], options["batch_gpu"]) == (64, 8)
    assert options["G_opt_kwargs"] == {"lr": 0.0025, "betas": [0.0, 0.99], "eps": 1e-08}
    assert options["loss_kwargs"]["r1_gamma"] == 1
    assert options["augment_kwargs"] == GROUPS["bgc"]
    assert (options["ada_target"], options["ada_kimg"], options["ema_rampup"]) == (0.6, 500, None)
    assert options["precision"] == "fp32"
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "suns-auto"),
        (
            {"mirror": True, "subset": 30, "gamma": 0.5, "cfg": "small"},
            "suns-subset30-mirror-small-gamma0.5",
        ),
        ({"aug": "fixed", "p": 0.2, "augpipe": "bg", "batch": 8}, "suns-auto-batch8-fixed-p0.2-bg"),
        ({"gpus": 2, "kimg": 10, "bcr": True}, "suns-auto2-kimg10-bcr"),
    ],
)
def test_a_run_is_named_after_what_sets_it_apart(folder, flags, name):
    options, description = plan(Asked(data=str(folder / "suns"), device="cpu", **flags))
    assert description == name
    assert options.batch_size % (options.num_gpus * options.batch_gpu) == 0


def test_transfer_moves_p_faster_and_keeps_the_average(folder):
    asked = Asked(data=str(folder / "suns"), cfg="small", device="cpu")
    resume = {"resume": str(untrained_snapshot(folder / "untrained.safetensors"))}
    options, name = plan(Asked(**{**vars(asked), **resume, "p": 0.1}))
    assert (options.ada_kimg, options.ema_rampup, options.augment_p) == (100, None, 0.1)
    assert name == "suns-small-p0.1-resume"
    options, name = plan(Asked(**{**vars(asked), **resume, "freezed": 4}))
    assert (options.D_kwargs["freeze_layers"], name) == (4, "suns-small-resume-freezed4")
    options, name = plan(Asked(**{**vars(asked), "ada_kimg": 40}))
    assert (options.ada_kimg, name) == (40, "suns-small-adakimg40")


def test_configurations_of_other_families(train, folder):
    """Published numbers, with the full resolution of the data as the last level."""

    def options_of(*flags):
        done = train("--dry-run", "--cfg", *flags)
        assert done.code == 0, done.err
        return json.loads(done.out)

    pggan = options_of("pggan")
    assert (pggan["family"], pggan["aug"], pggan["batch_size"]) == ("pggan", "noaug", 16)
    assert pggan["loss_kwargs"]["adversarial"] == "wgan-gp"
    assert pggan["G_opt_kwargs"] == {"lr": 0.001, "betas": [0.0, 0.99], "eps": 1e-08}
    assert [level["resolution"] for level in pggan["growth"]["levels"]] == [4, 8, 16]
    assert (pggan["growth"]["stable_kimg"], pggan["growth"]["fade_kimg"]) == (800, 800)
    # 0.999 a step, 16 pictures at a time: half of the weight after 11 kimg.
    assert pggan["ema_kimg"] == pytest.approx(11.1, abs=0.05)
    stylegan = options_of("stylegan1", "--aug", "ada", "--stable-kimg", "3", "--fade-kimg", "4")
    assert (stylegan["family"], stylegan["aug"]) == ("stylegan1", "ada")
    assert [v["batch_size"] for v in stylegan["growth"]["levels"]] == [256, 128]
    assert (stylegan["growth"]["stable_kimg"], stylegan["growth"]["fade_kimg"]) == (3, 4)
    assert stylegan["loss_kwargs"] == {
        "adversarial": "logistic",
        "r1_gamma": 10,
        "lazy_r1": False,
        "pl_weight": 0.0,
        "style_mixing_prob": 0.9,
    }
    wasserstein = options_of("stylegan1", "--loss", "wgan-gp", "--batch", "32")
    assert wasserstein["loss_kwargs"]["adversarial"] == "wgan-gp"
    assert wasserstein["loss_kwargs"]["r1_gamma"] == 0
    assert [v["batch_size"] for v in wasserstein["growth"]["levels"]] == [32, 32]
    assert options_of("pggan", "--loss", "logistic")["loss_kwargs"]["r1_gamma"] == 10
    minimax = options_of("stylegan1", "--loss", "minimax", "--batch", "32")
    assert minimax["loss_kwargs"]["r1_gamma"] == 10
    # DCGAN is trained without R1, whichever of the losses of GANs it has.
    for loss in ("logistic", "minimax", "wgan-gp"):
        assert options_of("dcgan", "--loss", loss)["loss_kwargs"]["r1_gamma"] == 0
    dcgan = options_of("dcgan", "--width", "0.5")
    assert dcgan["G_opt_kwargs"] == {"lr": 0.0002, "betas": [0.5, 0.999], "eps": 1e-08}
    assert dcgan["G_kwargs"] == {"z_dim": 100, "channel_base": 2048, "channel_max": 512}
    assert (dcgan["family"], dcgan["growth"], dcgan["batch_size"]) == ("dcgan", None, 128)


def test_the_least_width_and_phases_that_share_a_kimg(train):
    done = train("--dry-run", "--cfg", "small-pggan", "--width", "0.008", "--kimg", "200")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["G_kwargs"]["channel_base"] == 16
    short = ("--stable-kimg", "0.5", "--fade-kimg", "0.25", "--kimg", "4")
    done = train("--dry-run", "--cfg", "small-pggan", *short)
    assert done.code == 0, done.err
    assert done.err.count("Warning: Snapshots are named by whole kimg") == 1


@pytest.mark.parametrize("cfg", ["small-stylegan1", "small-pggan"])
def test_what_has_grown_goes_on_from_there(folder, cfg):
    """A run that starts from a snapshot begins with the resolution that its networks draw."""
    path = folder / f"{cfg}.safetensors"
    for lod, expected in ((0.0, [16]), (0.5, [16]), (1.0, [8, 16])):
        untrained_snapshot(path, cfg, lod=lod)
        options, _ = plan(Asked(data=str(folder / "suns"), cfg=cfg, device="cpu", resume=str(path)))
        assert [level.resolution for level in options.growth.levels] == expected
        assert options.ema_rampup is None
    other = "small-pggan" if cfg == "small-stylegan1" else "small-stylegan1"
    with pytest.raises(UserError, match="holds networks of the family"):
        plan(Asked(data=str(folder / "suns"), cfg=other, device="cpu", resume=str(path)))
    with pytest.raises(UserError, match="layers cannot be frozen"):
        plan(Asked(data=str(folder / "suns"), cfg=cfg, device="cpu", resume=str(path), freezed=2))


def test_progressive_gan_is_trained_without_labels(folder):
    asked = Asked(data=str(folder / "classes"), cfg="small-pggan", cond=True, device="cpu")
    with pytest.raises(UserError, match="--cond: --cfg small-pggan is trained without labels"):
        plan(asked)
    plan(Asked(**{**vars(asked), "cfg": "small-stylegan1"}))


@pytest.mark.parametrize("cfg", ["dcgan", "small", "cifar"])
def test_pictures_too_small_for_a_discriminator(folder, cfg):
    data = str(write_or(folder / "suns4", 4))
    with pytest.raises(UserError, match=rf"--cfg {cfg} fits no such data: .* from 8 on, not 4"):
        plan(Asked(data=data, cfg=cfg, device="cpu"))


def untrained_snapshot(path, cfg="small", lod=None, **changes):
    """A snapshot of untrained networks for the suns, as --cfg has them but for `changes`.

    lod: how far they have grown, where they grow.
    """
    data = path.parent / "suns"
    options, _ = plan(Asked(data=str(data), cfg=cfg, device="cpu"))
    options = msgspec.structs.replace(
        options, G_kwargs=options.G_kwargs | changes, D_kwargs=options.D_kwargs | changes
    )
    G, D = untrained(options, ImageDataset(data))
    for network in () if lod is None else (G, D):
        network.grow_to(lod)
    write_snapshot(path, {"G": G, "D": D, "G_ema": G})
    return path


def write_or(path, size):
    return path if path.exists() else write_data(path, 40, size=size)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--gamma", "-1"), "--gamma: -1.0 is out of range. Use 0 or more"),
        (("--gamma", "nan"), "--gamma: nan is out of range"),
        (("--kimg", "0"), "--kimg: 0.0 is out of range"),
        (("--kimg", "0.0004"), "--kimg: 0.0004 is out of range. Use more than 0 thousand images"),
        (("--aug", "fixed"), "--aug fixed needs to know p. Give it with --p"),
        (("--aug", "fixed", "--p", "1.5"), "--p: 1.5 is out of range"),
        (("--aug", "noaug", "--target", "0.5"), "--aug noaug has no target"),
        (("--aug", "noaug", "--ada-kimg", "50"), "--aug noaug leaves p alone"),
        (("--ada-kimg", "0"), "--ada-kimg: 0.0 is out of range"),
        (("--freezed", "4"), "--freezed keeps layers of D as they were learnt"),
        (("--heuristic", "rv"), "--heuristic rv compares with images held out"),
        (("--val-fraction", "1"), "--val-fraction: 1.0 is out of range"),
        (("--cond",), "suns has no labels"),
        (("--subset", "41"), "--subset: 41 images are asked for, and suns has 40"),
        (("--gpus", "3", "--batch", "16"), "--batch: a batch of 16 does not divide among 3 GPUs"),
        (("--batch", "16", "--batch-gpu", "5"), "--batch-gpu: 5 does not divide the 16 pictures"),
        (("--precision", "fp16"), "--precision fp16 needs a CUDA device"),
        (("--fp32", "--precision", "bf16"), "--fp32 and --precision differ"),
        (("--resume", "nowhere.pkl"), "nowhere.pkl does not exist"),
        (
            ("--resume", str(SNAPSHOTS / "sg2-uncond-32.pkl")),
            "makes pictures of 32×32 pixels and 3 channels, the data has 16×16",
        ),
        (("--subset", "1", "--val-fraction", "0.5"), "cannot be held out"),
        (("--width", "0"), "--width: 0.0 is out of range"),
        (
            ("--cfg", "small-pggan", "--width", "0.001"),
            "--width: 0.001 leaves layers with less than one channel. Use 0.008 or more",
        ),
        (
            ("--cfg", "small-pggan", "--stable-kimg", "0", "--fade-kimg", "0"),
            "--stable-kimg 0 with --fade-kimg 0 trains no resolution",
        ),
        (("--stable-kimg", "2"), "--stable-kimg: the networks of --cfg auto do not grow"),
        (
            ("--cfg", "small-dcgan", "--fade-kimg", "2"),
            "--fade-kimg: the networks of --cfg small-dcgan do not grow",
        ),
        (("--cfg", "pggan", "--fade-kimg", "-1"), "--fade-kimg: -1.0 is out of range"),
        (
            ("--cfg", "small-pggan", "--kimg", "20", "--stable-kimg", "5", "--fade-kimg", "8"),
            "--kimg: 20 ends before the networks have grown to 16x16: that takes 26.0",
        ),
        (("--cfg", "pggan", "--gamma", "5"), "--gamma is the weight of R1, and wgan-gp has"),
        (
            ("--cfg", "small", "--loss", "wgan-gp", "--gamma", "1"),
            "--gamma is the weight of R1, and wgan-gp has",
        ),
        (("--cfg", "stylegan1", "--batch", "30"), "--batch: a batch of 30"),
        (
            ("--cfg", "pggan", "--ada-kimg", "9"),
            "--ada-kimg: --cfg pggan is trained without augmentation. Add --aug ada",
        ),
        (("--resume", "suns"), "suns holds no network-snapshot"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(train, folder, flags, message):
    done = train(*flags)
    assert done.code == 1
    assert message in done.err
    assert done.err.count("\n") == 1
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("nothing", "nothing"),
        ("empty", "holds no images"),
        ("broken", "img00017.png of @ cannot be read: it is no picture of a kind that is read"),
    ],
)
def test_data_that_cannot_be_read_is_told_before_anything_starts(train, folder, data, message):
    done = train(data=data)
    assert done.code == 1
    assert message.replace("@", str(folder / data)) in done.err
    assert done.err.count("\n") == 1
    assert not (folder / "out").exists()


def test_images_that_are_held_out_are_looked_at_too(folder):
    dataset = ImageDataset(folder / "broken")
    seed = next(
        n for n in range(99) if dataset.names.index("img00017.png") in split(dataset, 0.5, n)[1]
    )
    asked = Asked(data=str(folder / "broken"), device="cpu", val_fraction=0.5, seed=seed)
    with pytest.raises(UserError, match=r"img00017\.png of .* cannot be read"):
        plan(asked)


def test_data_without_a_name_is_not_the_present_folder(train, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder / "suns")
    assert "Error: No data is named." in train("--dry-run", data="").err
    path = make(folder / "unnamed", tiny(folder / "suns", total_kimg=0.016))
    done = run(monkeypatch, capsys, "train", "--continue", path, "--data", " ")
    assert "Error: --data: no data is named." in done.err


def test_an_output_folder_that_is_a_file(train, folder):
    (folder / "file").write_text("x")
    done = train("--cfg", "small", outdir="file")
    assert done.code == 1
    assert "Cannot make the folder" in done.err


def test_a_run_from_the_command_line_and_its_continuation(train, folder, monkeypatch, capsys):
    flags = (
        "--cfg",
        "small",
        "--batch",
        "4",
        "--kimg",
        "0.008",
        "--threads",
        "1",
        "--workers",
        "0",
    )
    done = train(*flags, outdir="runs")
    assert done.code == 0, done.err
    path = folder / "runs" / "00000-suns-small-kimg0.008-batch4"
    assert f"Run:         {path}\n" in done.out
    assert (path / "network-snapshot-000000.safetensors").is_file()

    def go_on(*more):
        return run(monkeypatch, capsys, "train", "--continue", path, *more)

    assert "is done: 0.008 kimg. Go further with --kimg 0.016." in go_on().err
    assert "without --batch" in go_on("--batch", "8").err
    for length in ("nan", "inf", "-1"):
        assert f"Error: --kimg: {float(length)} is out of range" in go_on("--kimg", length).err
    done = go_on("--kimg", "0.016")
    assert done.code == 0, done.err
    assert "Continuing at 0.0 kimg." in done.out
    assert len((path / "stats.jsonl").read_text().splitlines()) == 3


def test_snapshots_may_be_the_pickles_of_nvidias_trainers(train, folder, monkeypatch, capsys):
    flags = ("--cfg", "small", "--batch", 4, "--kimg", 0.004, "--tick", 0.004, "--snap", 1)
    flags += ("--threads", 1, "--workers", 0, "--snapshot-format", "pkl", "--keep", 1, "--p", 0.25)
    done = train(*flags, outdir="pickles")
    assert done.code == 0, done.err
    (path,) = (folder / "pickles").iterdir()
    assert [file.name for file in path.glob("network-*")] == ["network-snapshot-000000.pkl"]
    done = run(monkeypatch, capsys, "train", "--continue", path, "--kimg", 1.004, "--dry-run")
    assert json.loads(done.out)["snapshot_format"] == "pkl"
    snapshot = open_snapshot(path / "network-snapshot-000000.pkl", names=None)
    assert snapshot.networks.keys() == {"G_ema", "G", "D"}
    assert snapshot.augment_p == pytest.approx(0.25, abs=0.01)
    # What opens a run, starts from one and watches one finds them.
    assert locate.find(str(path), print) == path / "network-snapshot-000000.pkl"
    done = train(*flags, "--resume", path, "--dry-run")
    assert done.code == 0, done.err
    assert json.loads(done.out)["resume_pkl"].endswith("network-snapshot-000000.pkl")
    assert [found.path.name for found in locate.snapshots(path)] == ["network-snapshot-000000.pkl"]
    refused = run(monkeypatch, capsys, "train", "--continue", path, "--snapshot-format", "pkl")
    assert "without --snapshot-format" in refused.err


def test_only_the_newest_pickles_are_kept(tmp_path):
    for name in ("000001.pkl", "000002.pkl", "000003.pkl", "000001.safetensors"):
        (tmp_path / f"network-snapshot-{name}").write_bytes(b"x")
    RunDir(tmp_path).thin(2, ".pkl")
    left = sorted(path.name.removeprefix("network-snapshot-") for path in tmp_path.iterdir())
    assert left == ["000001.safetensors", "000002.pkl", "000003.pkl"]


def test_what_cannot_be_continued_is_told(monkeypatch, capsys, folder):
    def go_on(path):
        done = run(monkeypatch, capsys, "train", "--continue", path)
        assert done.code == 1
        assert done.err.count("\n") == 1
        return done.err

    assert "it has no training_options.json" in go_on(folder / "suns")
    assert "it has no training_options.json" in go_on(folder / "suns" / "img00000.png")
    assert "Only ganscope's own runs can be" in go_on(SNAPSHOTS / "earth64-run")
    unborn = make(folder / "other", tiny(folder / "suns"))
    told = go_on(unborn)
    assert "was stopped before it saved anything" in told
    assert f"Start anew: train --outdir {folder / 'other'} --data {folder / 'suns'}" in told
    assert "--resume" not in told
    (unborn / "network-snapshot-000000.safetensors").write_bytes(BUSTS.read_bytes())
    assert f"--resume {unborn}/network-snapshot-000000.safetensors" in go_on(unborn)


def test_a_run_of_gpus_that_are_not_here_is_told_what_can_be_done(monkeypatch, capsys, folder):
    """--device and --gpus do not go with --continue."""
    path = make(folder / "elsewhere", tiny(folder / "suns", total_kimg=0.016))
    start(path)
    RunDir(path).write_options(to_json(msgspec.structs.replace(read(path), device="cuda")))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    done = run(monkeypatch, capsys, "train", "--continue", path, "--kimg", "1")
    assert "GPUs that are asked for: 1, found: 0. Continue it where there are as many" in done.err
    assert "start a new run with --resume and --device cpu." in done.err


def test_layers_of_no_discriminator_cannot_be_frozen(folder):
    data = str(write_or(folder / "suns64", 64))
    busts = str(BUSTS)
    plan(Asked(data=data, cfg="small", device="cpu", resume=busts))
    with pytest.raises(UserError, match=r"--freezed: .* holds no discriminator"):
        plan(Asked(data=data, device="cpu", resume=busts, freezed=4))


def test_layers_for_larger_pictures_cannot_be_frozen(folder):
    data = str(write_or(folder / "suns64", 64))
    smaller = str(SNAPSHOTS / "sg2-uncond-32.pkl")
    with pytest.raises(UserError, match=r"--freezed: .* those for 64×64, are not in it"):
        plan(Asked(data=data, device="cpu", resume=smaller, freezed=2))


def test_a_full_disk_keeps_the_last_good_files(folder, monkeypatch, capsys):
    """Space runs out after the first snapshot: training goes on, and the end says so."""
    path = make(
        folder / "full",
        tiny(
            folder / "suns",
            total_kimg=0.128,
            kimg_per_tick=0.048,
            network_snapshot_ticks=1,
            image_snapshot_ticks=1,
        ),
    )
    from networks.formats import tensor_file
    from training.run import state

    write, calls = tensor_file.save_file, []

    def full(tensors, filename, metadata=None):
        calls.append(filename)
        if len(calls) > 2:
            Path(filename).write_bytes(b"half of it")
            raise OSError(28, "No space left on device")
        write(tensors, filename, metadata)

    monkeypatch.setattr(tensor_file, "save_file", full)
    with pytest.raises(UserError, match="the disk is full"):
        start(path)
    printed = capsys.readouterr()
    assert "Warning: Cannot write" in printed.err
    assert "Training goes on" in printed.err
    assert len((path / "stats.jsonl").read_text().splitlines()) == 4
    assert [p.name for p in path.iterdir() if p.name.startswith(".")] == [".lock"]
    monkeypatch.undo()
    start(path, continued=True)  # from the state of the first tick
    assert state.read(path / "training-state.safetensors")[1]["nimg"] == 128
    assert len((path / "stats.jsonl").read_text().splitlines()) == 4


def test_an_old_snapshot_that_cannot_be_removed_stops_no_training(folder, monkeypatch, capsys):
    """--keep; on Windows the window that shows a snapshot holds it."""
    options = tiny(folder / "suns", total_kimg=2.4, kimg_per_tick=1, network_snapshot_ticks=1)
    options = msgspec.structs.replace(options, batch_size=200, batch_gpu=200, keep=1)
    path = make(folder / "held", options)
    unlink = Path.unlink

    def held(self, missing_ok=False):
        if self.name == "network-snapshot-000000.safetensors":
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", held)
    start(path)
    assert [s.kimg for s in locate.snapshots(path)] == [0, 2]
    printed = capsys.readouterr()
    assert printed.err.count("000000.safetensors: permission denied. Training goes on") == 3
    assert "Done: 2.4 kimg" in printed.out


def test_the_choices_of_augpipe_are_the_groups_there_are():
    assert set(AUGPIPES) == set(GROUPS)


def test_help_does_not_wait_for_torch():
    code = "import sys; import training.cli.train; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_does_not_fit_is_told_before_a_run_is_made(train, folder):
    write_or(folder / "suns32", 32)
    plain = str(SNAPSHOTS / "sg2-uncond-32.pkl")
    for more in ((), ("--dry-run",)):
        done = train("--resume", plain, "--cfg", "small", *more, data="suns32", outdir="unfit")
        assert done.code == 1
        assert "Nothing in" in done.err
        assert "fits the networks of this run. Choose the --cfg" in done.err
    assert not (folder / "unfit").exists()


def test_a_dry_run_says_what_is_taken_and_warns_of_little(train, folder):
    write_or(folder / "suns64", 64)
    busts = str(BUSTS)
    done = train("--resume", busts, "--dry-run", "--cfg", "small", data="suns64")
    assert done.code == 0, done.err
    json.loads(done.out)
    assert "tensors, 100 % of the numbers in it, taken from G_ema." in done.err
    assert "D: not in the snapshot; starts untrained." in done.err
    assert "Warning" not in done.err
    other = untrained_snapshot(folder / "narrow.safetensors", channel_max=16)
    done = train("--resume", other, "--dry-run", "--cfg", "small")
    assert done.code == 0, done.err
    assert "Warning: Only" in done.err
    assert " % of D" in done.err


@pytest.mark.parametrize("cfg", ["small-stylegan1", "small-pggan", "small-dcgan"])
@pytest.mark.parametrize("aug", ["noaug", "ada"])
def test_a_short_run_of_each_family_from_the_command_line(train, folder, cfg, aug):
    """Through every phase, with and without ADA, labels included where the family takes them."""
    flags = ["--cfg", cfg, "--aug", aug, "--batch", "8", "--threads", "1", "--workers", "0"]
    flags += ["--width", "0.1", "--tick", "0.016", "--snap", "1", "--kimg", "0.1", "--seed", "3"]
    if cfg != "small-dcgan":
        flags += ["--stable-kimg", "0.016", "--fade-kimg", "0.016"]
    data = "suns"
    if cfg != "small-pggan":
        flags, data = [*flags, "--cond"], "classes"
    outdir = f"families-{aug}"
    done = train(*flags, outdir=outdir, data=data)
    assert done.code == 0, done.err
    (path,) = [p for p in (folder / outdir).iterdir() if f"-{cfg}-" in p.name]
    assert json.loads((path / "training_options.json").read_text())["aug"] == aug
    opened = open_snapshot(locate.resolve(str(path)), names=None)
    assert opened.family == cfg.removeprefix("small-")
    assert opened.G_ema.c_dim == (0 if cfg == "small-pggan" else 4)
    assert all(
        v.isfinite().all() for n in opened.networks.values() for v in n.state_dict().values()
    )
