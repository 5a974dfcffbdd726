"""What people type, read as plain values, one module per room."""
