"""The vocabulary (model, schema) and the store. Imports nothing of ours."""
