"""Platform: what every room stands on and none owns."""
