"""`python -m release COMMAND`: what every make target calls."""

from release.cli import main

if __name__ == "__main__":
    main()
