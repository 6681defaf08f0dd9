"""The nft scripts that the unit tests compare with load, and list the same when loaded again."""

import pathlib

from robust.sandbox import nft, reload, ruleset

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden"


def check_golden_tables_load():
    scripts = sorted(GOLDEN.glob("*.nft"))
    assert len(scripts) >= 10, scripts
    for script in scripts:
        nft("flush ruleset\n" + script.read_text())
        assert "chain input.hook {" in ruleset(), script.name
        reload()


def check_a_plain_filter_uses_no_tracking():
    """Nor address translation, which needs it: they cost each packet, and hide fragments."""
    rewriting = ("masquerading", "redirect", "forwards", "helpers", "daemon")
    plain = [script for script in sorted(GOLDEN.glob("*.nft"))
             if not any(word in script.stem for word in rewriting)]
    assert len(plain) >= 10, plain
    for script in plain:
        nft("flush ruleset\n" + script.read_text())
        words = ruleset().split()
        assert not {"ct", "nat", "masquerade", "redirect"}.intersection(words), script.name
