"""`python -m loanops.surfaces.cli`: what the front door runs."""

from loanops.surfaces.cli.main import main

if __name__ == "__main__":
    main()
