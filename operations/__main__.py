try:
    # Most of a short command's time goes into its imports, which may be interrupted too.
    from operations.cli.main import main

    main()
except KeyboardInterrupt:
    import os
    import sys

    print("interrupted", file=sys.stderr, flush=True)
    # A normal exit would wait for running threads and print their interruptions.
    os._exit(130)
