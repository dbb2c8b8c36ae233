"""The table in which QGIS keeps and finds styles inside a GeoPackage."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from coresponse.maps.qgis.styles import Style

# Word for word what QGIS 3.22 makes, so that it finds its styles and can save others beside them
_TABLE = """CREATE TABLE "layer_styles" ( "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "f_table_catalog" TEXT(256), \
"f_table_schema" TEXT(256), "f_table_name" TEXT(256), "f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, \
"styleSLD" TEXT, "useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30), \
"update_time" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""


def write_styles(package: Path, styles: Sequence[Style], *, stamp: str) -> None:
    """Put styles into a GeoPackage whose layers are written; a layer opens with its first one.

    Parameters
    ----------
    stamp
        Time of writing, ISO 8601 in UTC; a fixed one gives the same bytes each time.
    """
    seen: set[str] = set()
    with closing(sqlite3.connect(package)) as base, base:
        columns = dict(
            base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
        )
        base.execute(_TABLE)
        for style in styles:
            first = style.layer not in seen
            seen.add(style.layer)
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', NULL, ?)",
                (
                    style.layer,
                    columns[style.layer],
                    style.name,
                    style.qml,
                    first,
                    style.description,
                    stamp,
                ),
            )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (stamp,),
        )
        base.execute(
            "INSERT INTO gpkg_ogr_contents (table_name, feature_count) VALUES ('layer_styles', ?)",
            (len(styles),),
        )
