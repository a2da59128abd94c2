"""Optimisers, a file each: everything that engines need of one."""
