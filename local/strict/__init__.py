"""Refuses, in front of the emulator, what AWS refuses and the emulator accepts.

It runs in the emulator's own process, so it imports the standard library, the emulator, and
modules of this project that import neither boto3 nor the CDK.
"""
