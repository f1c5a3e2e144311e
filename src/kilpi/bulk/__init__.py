"""Many photos at once: plates and decisions as rows of Parquet, on the cores of one machine or on Ray."""
