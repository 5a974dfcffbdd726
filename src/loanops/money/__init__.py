"""Money: double entry, ceilings, receipts and instructions."""
