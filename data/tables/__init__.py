"""Tables as agencies have them: reading, the data dictionary, times, places, and safe writing."""
