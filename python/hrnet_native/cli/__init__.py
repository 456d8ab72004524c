"""The command ``hrnet-native``: one module per subcommand."""
