"""The sample's folder in the home of a stack."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import Settings

SEEDS = Path(__file__).parent / "pages"


def enter(settings: Settings) -> Path:
    """The folder, with three pages where there were none; ``flow`` works on it."""
    folder = settings.home.absolute() / "sample"
    pages = folder / "pages"
    if not pages.exists():
        half = folder / "pages.new"
        half.mkdir(parents=True, exist_ok=True)
        for seed in sorted(SEEDS.glob("*.md")):
            shutil.copyfile(seed, half / seed.name)
        try:
            half.rename(pages)
        except OSError:
            # Worker and first run are made ready at the same time: one is enough.
            if not pages.exists():
                raise
    os.environ["RUNLEDGER_SAMPLE"] = str(folder)
    return folder
