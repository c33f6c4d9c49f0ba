"""Shortcuts, menus, the palette and the help page."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from imgui_bundle import imgui

from viz.desk import commands
from viz.shell.above import palette
from viz.shell.command_list import COMMANDS


def test_no_two_commands_share_a_name_or_a_shortcut() -> None:
    chords = Counter(commands.chord(key) for command in COMMANDS for key in command.keys)
    assert max(chords.values()) == 1, [k for k, n in chords.items() if n > 1]
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


def test_the_palette_finds_by_words_by_initials_and_by_scattered_letters() -> None:
    def first(query: str) -> str:
        return palette.matches(query, COMMANDS)[0].name

    assert first("undo") == "edit.undo"
    assert first("CAPTURE P") == "capture.picture"
    assert first("cw") == "capture.window"
    assert first("rndm") == "latent.random"
    assert palette.matches("xyzzy", COMMANDS) == []
    assert len(palette.matches("", COMMANDS)) == len(COMMANDS)


def test_the_palette_runs_what_is_typed(drive) -> None:
    def test(gui) -> None:
        gui.keys("Ctrl+P")
        assert gui.app.overlays.palette.visible
        gui.ctx.key_chars("light theme")
        gui.frames(2)
        gui.ctx.key_press(imgui.Key.enter)
        gui.frames(2)
        assert gui.app.settings.now.theme == "light"
        assert not gui.app.overlays.palette.visible
        gui.keys("Ctrl+Shift+P")
        gui.ctx.key_chars("seed")
        gui.frames(2)
        before = gui.app.cell.now.render.source
        gui.ctx.key_press(imgui.Key.down_arrow)
        gui.ctx.key_press(imgui.Key.enter)
        gui.frames(2)
        assert gui.app.cell.now.render.source != before

    drive(test)


def test_letters_typed_into_a_field_are_no_shortcuts(drive) -> None:
    def test(gui) -> None:
        before = gui.app.cell.now
        gui.keys("Ctrl+P")
        gui.ctx.key_chars("r1f s")
        gui.keys("R")
        gui.keys("Space")
        gui.keys("Right")
        assert gui.app.cell.now == before
        gui.keys("Escape")
        gui.frames(2)
        gui.keys("R")
        assert gui.app.cell.now != before

    drive(test)


def test_escape_closes_what_lies_above_and_never_quits(drive) -> None:
    def test(gui) -> None:
        gui.keys("F1")
        assert gui.app.overlays.help.visible
        gui.keys("Escape")
        assert not gui.app.overlays.help.visible
        gui.keys("Ctrl+P")
        gui.keys("Escape")
        assert not gui.app.overlays.palette.visible
        gui.keys("F11")
        assert gui.app.overlays.picture_only
        gui.keys("Escape")
        assert not gui.app.overlays.picture_only
        gui.app.messages.add("Something failed.", error=True)
        gui.frames(2)
        gui.keys("Escape")
        assert not gui.app.messages.toasts
        gui.keys("F11")
        gui.keys("F1")
        gui.keys("Escape")
        assert not gui.app.overlays.help.visible
        assert gui.app.overlays.picture_only, "each press closes what lies topmost, and no more"
        for _ in range(5):
            gui.keys("Escape")
        gui.keys("Right")
        gui.settle()
        assert gui.context.frame.request == gui.app.cell.now.render

    drive(test)


def test_the_help_page_lists_every_shortcut_and_opens_over_everything(drive) -> None:
    drawn: list[str] = []

    def test(gui) -> None:
        original = imgui.text_unformatted

        def note(text: str) -> None:
            drawn.append(text)
            original(text)

        imgui.text_unformatted = note
        try:
            gui.keys("F1")
            gui.frames(2)
        finally:
            imgui.text_unformatted = original
        window = imgui.internal.find_window_by_name("Help")
        assert window.was_active
        assert window.scroll_max.y == 0, "all of it is to be seen at once"

    drive(test)
    for command in COMMANDS:
        if command.menu:
            for key in commands.shown(command):
                assert any(key in text for text in drawn), key
                assert command.title in drawn


def test_menus_run_commands_and_show_shortcuts(drive) -> None:
    def test(gui) -> None:
        before = gui.app.cell.now.render.source
        gui.ctx.set_ref("##MainMenuBar")
        gui.ctx.menu_click("Picture/Next seed")
        gui.frames(2)
        assert gui.app.cell.now.render.source != before
        gui.ctx.menu_click("Edit/Undo")
        gui.frames(2)
        assert gui.app.cell.now.render.source == before

    drive(test)


def test_zooming_by_keys_starts_from_what_is_seen(drive) -> None:
    def test(gui) -> None:
        gui.keys("Plus")
        zoomed = gui.app.cell.now.view
        assert not zoomed.fit
        assert zoomed.zoom > 8, "a 64-pixel picture that filled the panel is enlarged further"
        gui.keys("Minus")
        assert gui.app.cell.now.view.zoom < zoomed.zoom
        gui.keys("1")
        assert gui.app.cell.now.view.zoom == 1.0
        gui.keys("F")
        assert gui.app.cell.now.view.fit

    drive(test)


def test_a_chord_let_go_within_one_slow_frame_still_counts(monkeypatch) -> None:
    ran: list[str] = []
    table = tuple(
        commands.Command(key, key, "", lambda app, key=key: ran.append(key), (key,))
        for key in ("Ctrl+Z", "Z")
    )
    shortcuts = commands.Shortcuts(table)
    keys = SimpleNamespace(key_mods=0, want_text_input=False)
    monkeypatch.setattr(imgui, "get_io", lambda: keys)
    monkeypatch.setattr(imgui, "is_popup_open", lambda *_: False)
    pressed: set[imgui.Key] = set()
    monkeypatch.setattr(imgui, "is_key_pressed", lambda key, repeats: key in pressed)
    ctrl = int(imgui.Key.mod_ctrl)
    for mods, down in ((ctrl, False), (0, True), (0, False), (0, True)):
        keys.key_mods = mods
        pressed.clear()
        pressed.update({imgui.Key.z} if down else set())
        shortcuts.run(None)
    assert ran == ["Ctrl+Z", "Z"]
