"""What comes in: files, folders, heaps and lists, and which case each of them is."""
