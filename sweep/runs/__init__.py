"""Hold a run together: its folder, its stages and what it leaves behind."""
