"""The part of the sandbox that lives inside the container or jail. Standard library only.

It runs on the image's own Python, 3.9 or newer, and imports nothing from outside this folder.
"""
