"""The files of a model bundle, and what they hold: what everything that reads or writes one shares."""
