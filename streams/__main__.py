"""`python -m streams` is `summitry`."""

from streams.cli.main import main

if __name__ == "__main__":
    main()
