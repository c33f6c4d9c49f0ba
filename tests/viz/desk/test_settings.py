"""Settings: what may be changed, and that a change counts at once."""

from __future__ import annotations

from typing import get_type_hints

import msgspec

from viz.desk.settings import Settings, SettingsCell, SettingsChanges


def test_every_setting_but_the_version_can_be_changed_and_has_its_type() -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    del fields["version"]
    assert get_type_hints(SettingsChanges) == fields


def test_a_change_is_handed_on_to_be_saved_and_counts_at_once() -> None:
    saved: list[Settings] = []
    cell = SettingsCell(Settings(), saved.append)
    cell.change(theme="light")
    cell.change(scale=1.5)
    assert (cell.now.theme, cell.now.scale) == ("light", 1.5)
    assert [settings.scale for settings in saved] == [1.0, 1.5]
