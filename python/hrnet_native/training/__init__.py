"""Training: recipes, augmentation, the loop."""
