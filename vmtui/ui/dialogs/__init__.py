"""Questions and cards over a screen: display text in, never markup, and a value out."""

from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.dialogs.card import Card
from vmtui.ui.dialogs.choose import Choose, Option
from vmtui.ui.dialogs.choose_many import ChooseMany, Item
from vmtui.ui.dialogs.confirm import Confirm
from vmtui.ui.dialogs.consent import Consent
from vmtui.ui.dialogs.help import HelpScreen
from vmtui.ui.dialogs.signals import SIGNALS, signal_menu

__all__ = [
    "SIGNALS",
    "Ask",
    "Card",
    "Choose",
    "ChooseMany",
    "Confirm",
    "Consent",
    "HelpScreen",
    "Item",
    "Option",
    "signal_menu",
]
