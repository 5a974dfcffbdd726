"""Rules of borrowers' accounts: how often, how long, and when a mobile proves too little."""
