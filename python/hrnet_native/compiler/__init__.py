"""From a Paddle program to ``native.safetensors``, the file that the native engine reads."""
