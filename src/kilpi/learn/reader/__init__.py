"""The plate reader: crops, net, training, export, evaluation."""
