"""How calls arrive and how long they keep a responder, fitted to past calls."""
