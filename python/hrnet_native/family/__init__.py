"""The HRNet family as data: architectures, and the models that are published. Nothing here needs paddle."""
