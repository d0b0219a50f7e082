"""Beyond the article, one script for each question: from the project's root, python -m extensions.text.framings."""
