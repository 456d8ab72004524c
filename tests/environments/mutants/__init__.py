"""``./dev mutate``: are there tests for each operator and constant of the modules where one more or less matters most?

Our own code and not a tool's: none that is kept changes C++ without an LLVM of its own, and those for Python (mutmut,
cosmic-ray) change the package in place or a copy of all of it, and know nothing of the other half. One lexer that
leaves comments and strings alone serves both languages: both formatters put spaces around binary operators only.
"""
