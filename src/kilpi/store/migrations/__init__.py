"""Steps from one schema to the next, run by `kilpi.store.schema`. A step stands alone, and stays."""
