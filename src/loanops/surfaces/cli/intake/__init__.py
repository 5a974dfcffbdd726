"""`loanops intake`: a file of applications taken in, and carried on to loans with --run."""
