"""The judge: the part of the sandbox that runs inside the container or jail.

It runs on the image's own Python, 3.9 or newer, and imports only the standard library and modules
of this folder.
"""
