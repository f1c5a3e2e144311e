"""The verifier: composed cars and what the line reads in them, net, training, calibration, evaluation."""
