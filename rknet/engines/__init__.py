"""Engines: what carries out the numerical work of training. A kind is a light file of its own."""
