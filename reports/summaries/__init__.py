"""What a figure shows, as tables: computed before anything is drawn."""
