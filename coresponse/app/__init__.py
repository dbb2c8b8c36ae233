"""The what-if page: a study, a map, limits to change, and a search that can be watched and stopped."""
