"""Microsoft Azure and Entra ID."""
