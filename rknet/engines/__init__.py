"""Engines do the numerical work of training. Each kind is a light file of its own."""
