"""The tables of channels that ask more of the seller than the catalogue says, as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from config.tables import Table
from config.values import Line, ProductId
from config.wrong import show, wrong


def _product_type(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise wrong(f"{show(value)} is no product type of Amazon's", 'write one such as "DRINKING_CUP"')
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}_[A-Z]{2}", value):
        raise wrong(f"{show(value)} is no language of Amazon's", 'write one such as "fr_FR"')
    return value


ProductType = Annotated[Line, AfterValidator(_product_type)]


class AmazonTable(Table):
    """What Amazon's listings feed asks of the seller."""

    seller_id: Line = Field(description="The merchant token of your seller account.")
    marketplace_id: Line = Field(description="Amazon's id of the country's shop, such as \"A13V1IB3VIYZZH\".")
    language: Annotated[Line, AfterValidator(_language)] = Field(description='Of the catalogue\'s texts: "fr_FR".')
    product_type: ProductType = Field(description="Amazon's product type of what has none of its own below.")
    product_types: dict[ProductId, ProductType] = Field(
        default_factory=dict, description="Product types of single products."
    )


class ChannelsTable(Table):
    """Channels that ask more than the catalogue says."""

    amazon: AmazonTable | None = Field(default=None, description="Amazon.")
