"""The known-truth bench: how often each verdict errs on problems whose answer is known."""
