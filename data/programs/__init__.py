"""Crisis programs: responder types, call classes, standards, costs; the presets that ship."""
