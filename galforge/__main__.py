"""``python -m galforge``: the ``galforge`` command."""

from galforge.commands.command import main

if __name__ == "__main__":
    main()
