"""The commands of the command line, one a file; heavy packages are imported when a command runs."""
