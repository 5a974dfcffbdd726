"""`loanops import-book`: the running loans of another system brought in at a cut-off date."""
