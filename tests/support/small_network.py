"""The fields of an HRNet so small that tests can build, train and export it in seconds."""

SMALL_NETWORK = {
    "num_modules": [1, 1, 1],
    "num_blocks": [1, 1, 1, 1],
    "stem_channels": 8,
    "head_channels": [4, 4, 8, 8],
    "last_channels": 16,
}
