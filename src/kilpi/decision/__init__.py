"""The plates of a car's photos -> one decision: which plate is the car's, and can its reading be trusted?"""
