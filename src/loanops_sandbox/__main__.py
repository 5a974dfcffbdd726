"""`python -m loanops_sandbox`."""

from loanops_sandbox.command import main

raise SystemExit(main())
