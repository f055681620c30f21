"""An argument parser whose errors are one line, without the usage."""

import argparse
from typing import NoReturn


class Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; fix: {self.prog} ARGS=--help lists what there is\n")
