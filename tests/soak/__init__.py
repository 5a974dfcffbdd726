"""Long seeded runs outside the suite: `./loanops soak`. One number makes one run again."""
