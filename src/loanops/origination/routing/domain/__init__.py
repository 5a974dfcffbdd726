"""Rules of routing: who may lend, who is asked first, and what an answer makes of an intent."""
