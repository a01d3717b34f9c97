"""Whole documents, and the templates, styles and scripts they are filled into."""
