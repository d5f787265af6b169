"""Floor 7: the terminal door ``tenken``. One module a verb group, imported only when its verb is asked for.

stdout is data, stderr is progress. Exit codes are those of :mod:`evidence.errors`.
"""

import sys


def main() -> None:
    """Run the command line and leave with its exit code; an error raised on purpose is printed without a traceback."""
    from cli.app import app
    from cli.output import progress
    from evidence.errors import TenkenError

    try:
        app(prog_name="tenken")
    except TenkenError as error:
        progress(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
