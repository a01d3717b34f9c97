"""Show: tables in, figures and one HTML file out."""
