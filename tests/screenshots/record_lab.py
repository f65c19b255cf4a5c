"""Record experiments into `assets/recordings`: `python -m tests.screenshots.record_lab [ID …]`.

Each runs on this kernel, at a size that makes a small file, one after the other; as root, so that
frames are told and all of them can run. What an experiment changes outside its processes is put
back as in the app. What says more of this machine than of the experiment (paths of its programs,
who started them) is written as on any other.
"""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import replace
from pathlib import Path

from vmtui.kernel.identity import Identity
from vmtui.kernel.maps import Maps
from vmtui.kernel.smaps import Smaps
from vmtui.lab.experiments import ALL
from vmtui.lab.limits import of_this_machine
from vmtui.lab.moments import Moment
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.spawner import Bench
from vmtui.missing import Missing
from vmtui.model.vmas import Vmas
from vmtui.observe.sample import Sample
from vmtui.record.recorder import about
from vmtui.record.records import RecordedTarget
from vmtui.record.run_recording import INTERVAL, RunRecording
from vmtui.text import plain

RECORDINGS = Path(__file__).parents[2] / "assets" / "recordings"
SIZE = "2M"
VALUES: dict[str, dict[str, str]] = {
    "huge-pages": {"size": "8M"},
    "swap": {"size": "4M"},
    "thrashing": {"size": "16M"},
    "fragmentation": {"size": "16M", "buffer": "8M"},
}
"""Other parameters than the usual ones, `size` excepted."""
_OWN = (sys.base_prefix.encode(), b"/usr")
_LEFT_OUT = Missing("left out of a recording that is given away")


class GivenAway(RunRecording):
    """Of a machine that might be any."""

    def take(self, moment: Moment) -> None:
        """Without the place of its memory group among others, and without others' swap."""
        machine = moment.machine
        if machine is not None:
            swaps = tuple(one for one in machine.swaps if one[0] in machine.own)
            moment = replace(moment, machine=replace(machine, swaps=swaps))
        if moment.group is not None:
            path = f"/sys/fs/cgroup/memory/{moment.group.path.rpartition('/')[2]}"
            moment = replace(moment, group=replace(moment.group, path=path))
        super().take(moment)

    def kept(
        self, sample: Sample, targets: list[RecordedTarget]
    ) -> tuple[Sample, list[RecordedTarget]]:
        """The experiment's processes, by what they are rather than where they are."""
        sample, targets = super().kept(sample, targets)
        listed = tuple(
            replace(
                one, command=plain("python3 worker.py"),
                misc=one.misc if isinstance(one.misc, Missing)
                else replace(one.misc, cgroup=_LEFT_OUT),
            )
            for one in sample.processes
        )  # fmt: skip
        machine = sample.machine
        if not isinstance(machine.swaps, Missing):
            swaps = tuple(one for one in machine.swaps if one.path.startswith(b"/var/lib/vmtui/"))
            machine = replace(machine, swaps=swaps)
        return (
            replace(sample, processes=listed, machine=machine),
            [_anywhere(target) for target in targets],
        )


def _anywhere(target: RecordedTarget) -> RecordedTarget:
    reading = target.reading
    identity = reading.identity
    if isinstance(identity, Identity):
        exe = identity.exe if isinstance(identity.exe, Missing) else identity.exe.replace(*_OWN)
        identity = replace(identity, exe=exe, cwd=_LEFT_OUT, terminal=_LEFT_OUT, parents=())
    vmas = reading.vmas
    if isinstance(vmas, Vmas):
        smaps = vmas.smaps
        if isinstance(smaps, Smaps):
            smaps = replace(smaps, maps=_renamed(smaps.maps))
        vmas = replace(vmas, maps=_renamed(vmas.maps), smaps=smaps)
    return replace(
        target, reading=replace(reading, identity=identity, vmas=vmas, cgroup_path=_LEFT_OUT)
    )


def _renamed(maps: Maps) -> Maps:
    return replace(maps, names=[name.replace(*_OWN) for name in maps.names])


def record(name: str, bench: Bench) -> str:
    """Run one and write its file; what came of it."""
    experiment = next(one for one in ALL if one.id == name)
    chosen = dict(VALUES.get(name, {}))
    if any(one.id == "size" for one in experiment.parameters):
        chosen.setdefault("size", SIZE)
    values = experiment.values(chosen)
    path = RECORDINGS / f"{name}.vmtui"
    path.unlink(missing_ok=True)
    said = replace(
        about(INTERVAL), host=b"lab", user=b"root",
        command=b"\0".join([b"vmtui", b"lab", b"run", name.encode(), b"--record"]),
    )  # fmt: skip
    run = Run(experiment, values, bench, probe(bench).kernel, limits=of_this_machine())
    with contextlib.closing(GivenAway(path, run, said)) as recording:
        for moment in run.moments():
            recording.take(moment)
        result = run.result()
        recording.finish(result)
    path.chmod(0o644)
    stopped = f", stopped: {result.stopped.en}" if result.stopped else ""
    left = f", left: {'; '.join(run.left)}" if run.left else ""
    return f"{name}: {result.verdict}{stopped}{left}, {path.stat().st_size / 1e3:.0f} kB"


def main(names: list[str]) -> None:
    """All of them, or those that are named."""
    RECORDINGS.mkdir(parents=True, exist_ok=True)
    for name in names or [one.id for one in ALL]:
        with Bench.open() as bench:
            began = time.monotonic()
            said = record(name, bench)
        sys.stdout.write(f"{said}, {time.monotonic() - began:.1f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
