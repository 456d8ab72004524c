"""Weights files: downloading, reading, converting and writing them. Nothing here imports paddle or torch."""
