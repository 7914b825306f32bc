"""Parcels: a dry run of what writes the files makes the report, so that it is there before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.catalogue import Catalogue
from bot.channels import File, Notes, Parcel, remarks_of


def parcel(
    catalogue: Catalogue,
    title: str,
    loses: frozenset[str],
    lines: Callable[[Notes], Iterator[object]],
    *files: File,
) -> Parcel:
    """Make the parcel. `lines` gives what the files are made of, and notes what is to be said; here only that is kept."""
    notes = Notes()
    for _ in lines(notes):
        pass
    remarks = (*notes.remarks, *remarks_of(catalogue, title, loses))
    named = {remark.product for remark in remarks}
    order = {product.id: number for number, product in enumerate(catalogue.products) if product.id in named}
    ranked = sorted(remarks, key=lambda remark: order.get(remark.product, len(order)))
    return Parcel(files, tuple(ranked), len(catalogue.products))
