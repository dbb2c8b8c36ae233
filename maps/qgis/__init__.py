"""QGIS styles of a plan's layers: the map page's classes and signs, kept inside the GeoPackage."""
