"""`loanops demo`: a believable operation, built through the real system."""
