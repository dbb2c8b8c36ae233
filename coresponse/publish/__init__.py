"""What may be shown: exact results come in, publications go out. docs/publishing.md states the rules."""
