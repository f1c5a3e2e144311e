"""What is measured on a photo before any plate is read: here, what it shows."""
