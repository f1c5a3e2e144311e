"""From a case to its advert's folder: the flow with what people said, and the workers that run it."""
