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
