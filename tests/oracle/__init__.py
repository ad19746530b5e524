"""The naive oracle: design section 3 written a second time, and everything that compares the engine with it."""
