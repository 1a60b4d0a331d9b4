"""`python -m release COMMAND`: what every make target calls."""

from release.cli.main import main

if __name__ == "__main__":
    main()
