"""Files that other tools read: GeoPackage with QGIS styles, GeoParquet, GeoJSON."""
