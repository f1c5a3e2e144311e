"""What a person or a dealer is asked, and what speaks against an answer."""
