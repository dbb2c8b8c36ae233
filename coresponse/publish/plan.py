"""A plan's and a deployment's figures as they may be shown."""

from __future__ import annotations

from dataclasses import replace

from coresponse.judging import Judgment
from coresponse.planning import Planned
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.replay import published_replay


def published(planned: Planned, disclosure: Disclosure = PUBLIC) -> Planned:
    """Return a plan whose replays' figures are as they may be shown."""
    judgments = {
        name: published_judgment(judgment, disclosure)
        for name, judgment in planned.judgments.items()
    }
    return replace(planned, judgments=judgments)


def published_judgment(judgment: Judgment, disclosure: Disclosure = PUBLIC) -> Judgment:
    """Return a judgment with its replay as it may be shown.

    The other judges are rounded where told.
    """
    if judgment.replay is None:
        return judgment
    rounding = disclosure.city(judgment.deterministic.overall)
    return replace(judgment, replay=published_replay(judgment.replay, rounding))
