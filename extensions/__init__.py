"""Beyond the article: one script for each question. Run them from the project's root: python -m extensions.NAME."""
