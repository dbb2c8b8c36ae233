"""What is left behind: publications as JSON, tables, layers and pages in a folder of a run."""
