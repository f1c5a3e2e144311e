"""From files to photos: which belong to one car, and what they show."""
