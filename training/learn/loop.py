"""The training loop (Karras et al. 2020, StyleGAN2, Appendix B; ADA, Section 2 and Appendix D).

A step shows the discriminator one batch of real pictures: Gmain, Greg every G_reg_interval steps,
Dmain, Dreg every D_reg_interval steps, then the averaged generator, and networks that grow are
brought to where they are at the next step. Ticks come every `kimg_per_tick`, the first after one
step, and where a phase of growth ends: then statistics are read from the device and written.
Files are named by whole kimg. Where a phase has ended in the same one, its snapshot and its
pictures stay: only the state, which says itself where it is, is written then.
Where a snapshot is measured, its tick's line waits for the values; the state holds it meanwhile.
"""

from __future__ import annotations

import contextlib
import random

import numpy as np
import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from common.errors import UserError
from networks.precision import computing
from networks.training_traits import Phase
from training.data.dataset import ImageDataset
from training.data.loader import Loader
from training.learn import optim
from training.learn.adaptation import Adaptation
from training.learn.growing import Growing
from training.learn.memory import explained
from training.learn.nonfinite import NonFinite
from training.learn.parts import Parts
from training.learn.reporter import Reporter
from training.metrics.collect import FAILURES, Stopped, Team, in_words
from training.metrics.evaluate import Evaluator
from training.run import state
from training.run.distributed import Group, StopRequest
from training.run.options import Options
from training.run.position import Position
from training.run.precision import precision_of
from training.run.stats import Line, Statistics
from training.run.timing import Timer


class Loop:
    """One rank's training.

    position: how far it is.
    pending: the line of statistics that waits for the metrics of the newest snapshot, if any.
    """

    def __init__(
        self,
        options: Options,
        group: Group,
        parts: Parts,
        dataset: ImageDataset,
        validation: ImageDataset | None,
        reporter: Reporter,
        evaluator: Evaluator | None = None,
    ) -> None:
        """Training of `parts` as the options say, on one rank of `group`.

        dataset: the images to train on.
        validation: images held out, which r_v needs; None where there are none.
        reporter: takes what there is to tell.
        evaluator: measures every snapshot; None where no metrics are asked for.
        """
        self.options, self.group, self.parts, self.dataset = options, group, parts, dataset
        self.reporter, self.evaluator = reporter, evaluator
        self.pending: Line | None = None
        self.position = Position()
        self.statistics = Statistics(group.device, group.total)
        self.timer = Timer(group.device)
        self.growing = Growing(options, parts)
        self.growing.begin(0)
        self.adaptation = Adaptation(
            options, group, parts, validation, self.growing, self.statistics.report
        )
        self.nonfinite = NonFinite(self.statistics.report)
        seed = options.random_seed * group.size + group.rank
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)
        random.seed(seed)

    def run(self, stop: StopRequest) -> bool:
        """Train to the end or until asked to stop, and save; returns whether all is done.

        Raises UserError where gradients stay without a finite number, what was saved stays then;
        and where images cannot be read, when everything is saved.
        """
        at = self.position
        total = round(self.options.total_kimg * 1000)
        with self.reporter.running(at.nimg, total):
            self.adaptation.start()
            self._measure(stop)
            while at.nimg < total:
                went = self._run_at_one_batch(total, stop)
                if went is not True:
                    self.save(final=True)
                    self.reporter.stopped(at.nimg)
                    if isinstance(went, UserError):
                        self.reporter.failed(went)
                        raise went
                    return False
            finish = self.reporter.finished if self.pending is None else self.reporter.stopped
            finish(at.nimg)
        return self.pending is None

    def _run_at_one_batch(self, total: int, stop: StopRequest) -> bool | UserError:
        """Train until a step takes another number of pictures, or to the end.

        total: how many pictures are shown in the whole run. Returns False where it is to stop, or
        why it has to, as far as this rank knows; no rank has begun another step then.
        """
        o, at, size = self.options, self.position, self.growing.batch
        with Loader(
            self.dataset,
            batch=self.batch,
            workers=o.data_loader_kwargs.num_workers,
            prefetch=o.data_loader_kwargs.prefetch_factor,
            rank=self.group.rank,
            replicas=self.group.size,
            seed=o.random_seed,
            start=at.nimg,
            device=self.group.device,
        ) as batches:
            while at.nimg < total and self.growing.batch == size:
                batch = batches.read()
                ends = self.group.any(stop.asked or isinstance(batch, UserError))
                if isinstance(batch, UserError):
                    return batch
                if ends:
                    return False
                try:
                    with explained(self.group.device, self.growing.batch_gpu, at.nimg):
                        phase_ends = self.step(*batch)
                except UserError as error:
                    self.reporter.failed(error)
                    raise
                self.reporter.progress(at.nimg)
                done = at.nimg >= total
                due = at.tick == 0 or at.nimg >= at.tick_start + o.kimg_per_tick * 1000
                if done or due or phase_ends:
                    self.tick(done, stop, keep=done or phase_ends)
        return True

    @property
    def batch(self) -> int:
        """Real pictures that this rank is shown in a step."""
        return self.growing.batch // self.group.size

    def step(self, images: Tensor, labels: Tensor) -> bool:
        """Train on one batch of this rank: images uint8 [N, C, R, R] and labels [N, c_dim].

        Returns whether a phase of growth ends with it.
        """
        at, parts, size = self.position, self.parts, self.growing.batch
        real = self.growing.reals(images)
        for phase, interval in parts.intervals.items():
            if at.step % interval:
                continue
            z = torch.randn(self.batch, parts.G.z_dim, device=self.group.device)
            c = self._random_labels()
            with self.timer(phase):
                self._phase(phase, real, labels, z, c, interval)
        at.nimg += size
        at.step += 1
        beta = optim.ema_beta(size, at.nimg, self.options.ema_kimg, self.options.ema_rampup)
        optim.update_ema(parts.G_ema, parts.G, beta)
        self.adaptation.step()
        self.nonfinite.check(
            at.step, at.nimg, self.options.precision, parts.loss.options.adversarial
        )
        return self.growing.grow_to(at.nimg)

    def _phase(
        self, phase: Phase, real: Tensor, real_c: Tensor, z: Tensor, c: Tensor, interval: int
    ) -> None:
        loss, parts = self.parts.loss, self.parts
        network, optimizer, wrapped = (
            (parts.G, parts.G_opt, loss.G) if phase[0] == "G" else (parts.D, parts.D_opt, loss.D)
        )
        optimizer.zero_grad(set_to_none=True)
        size = self.growing.batch_gpu
        gain = interval * size / len(real)
        for at in range(0, len(real), size):
            part = slice(at, at + size)
            with (
                computing(precision_of(self.options.precision), self.group.device),
                _synchronised(wrapped, last=at + size == len(real)),
            ):
                loss.accumulate(
                    phase, real[part], real_c[part], z[part], c[part], gain, self._report
                )
        bad = optim.finite_gradients(network.parameters())
        self.nonfinite.note(phase, bad)
        optimizer.step()

    def _report(self, name: str, value: Tensor) -> None:
        self.statistics.report(name, value)
        self.adaptation.observe(name, value)

    def _random_labels(self) -> Tensor:
        if self.dataset.label_dim == 0:
            return torch.zeros(self.batch, 0, device=self.group.device)
        indices = np.random.randint(len(self.dataset), size=self.batch)
        c = torch.from_numpy(np.stack([self.dataset.label_of(int(i)) for i in indices]))
        return c.to(self.group.device)

    def tick(self, done: bool, stop: StopRequest, *, keep: bool) -> None:
        """End a tick: statistics, and every so many ticks pictures, a snapshot and metrics.

        done: whether it is the last one.
        keep: whether pictures and a snapshot are due, whatever the number of the tick.
        """
        at, o = self.position, self.options
        entries = self.statistics.read()
        if (warning := self.nonfinite.warning(entries)) is not None:
            self.reporter.warn(warning)
        entries |= self.adaptation.entries() | self.growing.entries()
        line = self.reporter.tick(at, entries, self.timer.read())
        tick, at.tick, at.tick_start = at.tick, at.tick + 1, at.nimg
        saves = keep or tick % o.network_snapshot_ticks == 0
        named = keep or self.growing.may_name(at.nimg)
        if saves and named and self.evaluator is not None:
            self.pending = line
        else:
            self.reporter.write(line)
        if named and (keep or tick % o.image_snapshot_ticks == 0):
            self.reporter.fakes(self.parts, at.nimg)
        if saves:
            self.save(final=done, keep=keep)
            self._measure(stop)
        self.reporter.next_tick()

    def _measure(self, stop: StopRequest) -> None:
        """Measure the newest snapshot and write the line that waits for it, unless interrupted."""
        if self.pending is None:
            return
        line = self.pending
        if self.evaluator is not None:
            team = Team(self.group, asked=lambda: stop.asked, bar=self.reporter.measuring)
            try:
                outcomes = self.evaluator(self.parts.G_ema, team)
            except Stopped:
                return
            except FAILURES as error:
                self.reporter.warn(f"Metrics failed: {in_words(error)}")
                outcomes = []
            line = line | self.reporter.metrics(outcomes, self.position.nimg)
        self.reporter.write(line)
        self.pending = None

    def save(self, *, final: bool, keep: bool = False) -> None:
        """Save a snapshot, then the state that continues from here; all ranks call it together.

        final: whether it is the last one of this session.
        keep: whether the snapshot is written even if it replaces that of the end of a phase.
        """
        for network in (self.parts.G, self.parts.D, self.parts.G_ema):
            # Batch normalisation averages what its own rank has seen: that of the first counts.
            self.group.broadcast(network)
        mine = state.prefixed("random", state.random_state(self.group.device))
        mine |= state.prefixed("stats", self.statistics.tensors())
        mine |= state.prefixed("adaptation", self.adaptation.tensors())
        every = self.group.gather(state.to_bytes(mine))
        named = keep or self.growing.may_name(self.position.nimg)
        self.reporter.save(
            self.parts, self.position, every, self.pending, final=final, snapshot=named
        )

    def load(self, tensors: state.Tensors, position: Position, pending: Line | None = None) -> None:
        """Go on exactly where `save` was called."""
        self.pending = pending
        self.parts.load(tensors)
        self.position = position
        self.growing.begin(position.nimg)
        mine = state.part(f"rank{self.group.rank}", tensors)
        self.statistics.load(state.part("stats", mine))
        self.adaptation.load(state.part("adaptation", mine))
        state.set_random_state(state.part("random", mine), self.group.device)


def _synchronised(network: torch.nn.Module, last: bool) -> contextlib.AbstractContextManager[None]:
    """Ranks exchange gradients in the last micro-batch only."""
    if last or not isinstance(network, DistributedDataParallel):
        return contextlib.nullcontext()
    return network.no_sync()
