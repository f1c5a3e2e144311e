"""The plate detector and the corner net: pictures, nets, training, export, evaluation."""
