"""Pages that are made from the code are those that the code makes, and every setting says what it means."""

from __future__ import annotations

import re
from pathlib import Path

from scripts import make_docs

ROOT = Path(__file__).resolve().parents[1]


def test_pages_made_from_the_code_are_up_to_date() -> None:
    for name, text in make_docs.pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, (
            f"{name}: run python -m scripts.make_docs"
        )


def test_every_setting_of_a_study_says_what_it_means() -> None:
    bare = [line for line in make_docs.pages()["study.md"].splitlines() if line.endswith("|  |")]
    assert bare == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for link, section in re.findall(
            r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")
        ):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.name}: {link}"
            assert not section or section in _anchors(target), f"{page.name}: {link}#{section}"


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
