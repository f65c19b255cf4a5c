"""The machine: what its six tabs share. Each is a screen of its own; the app keeps them all."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from vmtui import units
from vmtui.draw import tabs
from vmtui.draw.paint import DIM, Run, row
from vmtui.missing import Missing
from vmtui.observe.machine_depth import Known
from vmtui.observe.sample import Sample
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from vmtui.export.shown import Shown

TABS = ("Overview", "Frames", "Blocks", "Files", "OOM", "Groups")


class MachineScreen(ObserveScreen):
    """One tab; its class is `TITLE` + Tab in a module of that name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("panel.next", "tab(1)", "next tab", show=True, priority=True),
        bind("panel.previous", "tab(-1)", "previous tab", priority=True),
        bind("zoom.out", "back"),
    ]
    TITLE_OF_TAB: ClassVar[str]
    DEPTH: ClassVar[frozenset[str]] = frozenset()
    """The parts of the machine's depth that it shows."""

    def body(self) -> Iterable[Widget]:
        """The tabs, and what belongs to this one."""
        yield Canvas(id="tabs")
        yield from self.part()

    def part(self) -> Iterable[Widget]:
        """The widgets below the tabs."""
        raise NotImplementedError

    def wish(self) -> None:
        """This tab's parts; the process list goes on at a slower pace."""
        self.session.wish(
            processes=False, target=None, window=None, visible=(), shown=frozenset(),
            for_all=frozenset(), depth=self.wanted_depth, frames=self.wanted_frames,
        )  # fmt: skip

    @property
    def wanted_depth(self) -> frozenset[str]:
        """The parts of the machine's depth that are shown now."""
        return self.DEPTH

    @property
    def wanted_frames(self) -> tuple[int, int]:
        """The first of the frames that are shown one by one, and how many."""
        return 0, 0

    def on_screen_suspend(self) -> None:
        """What nobody sees is not read."""
        observed = getattr(self.app, "observed", None)
        if not isinstance(observed, MachineScreen):
            self.session.wish(depth=frozenset(), frames=(0, 0))

    # Painting

    def show(self, sample: Sample) -> None:
        """Tabs, and the part below them."""
        self.show_part(sample)
        line = tabs.line(TABS, TABS.index(self.TITLE_OF_TAB), self.notes(sample), self.size.width)
        self.query_one("#tabs", Canvas).show([line])

    def show_part(self, sample: Sample) -> None:
        """Paint the body and the inspector."""
        raise NotImplementedError

    def notes(self, sample: Sample) -> list[str]:
        """What stands at the right of the tabs, the most useful first."""
        return []

    def age(self, sample: Sample, known: Known[Any] | None) -> list[str]:
        """How old a part is, where that is news, and what it took."""
        if known is None:
            return []
        old = sample.ended - known.at
        said = [f"read {units.duration(old)} before"] if old >= 2 * self.session.interval else []
        return [*said, f"took {units.duration(known.took)}"] if known.took >= 0.1 else said

    def nothing(self, known: Known[Any] | None) -> str:
        """Why there is nothing to show of a part; empty when there is."""
        if known is not None:
            value = known.value
            unlock = f": {value.unlock}" if isinstance(value, Missing) and value.unlock else ""
            return f"{value.reason}{unlock}" if isinstance(value, Missing) else ""
        if self.session.clock.live:
            return "being read"
        return "nobody looked at that moment; it is read only while it is on screen"

    def say_nothing(self, why: str) -> None:
        """The inspector of a part that cannot be shown."""
        self.inspect([row(Run(why, DIM))])

    # Where this is

    def crumbs(self) -> tuple[str, ...]:
        """The machine; the line below says which tab."""
        return ("machine",)

    def facts(self, sample: Sample) -> list[str]:
        """Nothing beyond what every screen says."""
        return []

    def exported(self, sample: Sample) -> Shown | None:
        """Every figure of the machine; tabs that are tables have their own rows."""
        from vmtui.export.shown import of_machine

        earlier = self.session.clock.window(5 * self.session.plan.interval + 5)
        machines = (one.machine for one in reversed(earlier))
        before = next((one for one in machines if one is not sample.machine), None)
        return of_machine(sample.machine, before)

    # Keys

    def action_tab(self, step: int) -> None:
        """The next tab, or the one before."""
        self.open_tab((TABS.index(self.TITLE_OF_TAB) + step) % len(TABS))

    def open_tab(self, index: int) -> None:
        """Another tab: the first one stays below, any other lies on it and stays with the app."""
        title, name = TABS[index], _name(TABS[index])
        if title == self.TITLE_OF_TAB:
            return
        if not index:
            self.app.pop_screen()
            return
        if not self.app.is_screen_installed(name):
            self.app.install_screen(_made(title), name)
        if TABS[0] == self.TITLE_OF_TAB:
            self.app.push_screen(name)
        else:
            self.app.switch_screen(name)

    def action_back(self) -> None:
        """From any tab to the first one."""
        self.open_tab(0)

    @on(Canvas.Clicked, "#tabs")
    def _tab_clicked(self, event: Canvas.Clicked) -> None:
        index = tabs.at(TABS, event.x, self.size.width)
        if index is not None:
            self.open_tab(index)

    def open_process(self, pid: int) -> None:
        """Zoom into a process, above this tab."""
        from vmtui.ui.screens.process import ProcessScreen  # brings numpy

        self.app.push_screen(ProcessScreen(pid, self.session.vma_columns))


def _name(title: str) -> str:
    return f"machine-{title.lower()}"


def _made(title: str) -> MachineScreen:
    """A tab; its module is loaded now."""
    module = import_module(f"vmtui.ui.screens.machine_{title.lower()}")
    return cast(MachineScreen, getattr(module, f"{title}Tab")())


def first_tab() -> MachineScreen:
    """The one that the mode opens with."""
    return _made(TABS[0])
