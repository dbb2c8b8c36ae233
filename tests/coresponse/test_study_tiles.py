"""A study asks for online tiles by name, or there are none."""

import pytest
from pydantic import ValidationError

from coresponse.study import Study, TilesInput


def test_no_tiles_unless_asked_for() -> None:
    assert Study.model_fields["tiles"].default is None


def test_tiles_need_a_server_and_whom_to_name() -> None:
    assert TilesInput(url="https://{s}.tiles.example/{z}/{x}/{y}.png", attribution="Us").attribution == "Us"
    for url, attribution in (("ftp://tiles.example/", "Us"), ("https://a b/", "Us"), ("https://tiles.example/", "")):
        with pytest.raises(ValidationError):
            TilesInput(url=url, attribution=attribution)
