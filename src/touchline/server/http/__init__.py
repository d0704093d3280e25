"""What every request needs: options, bodies, keys, who sends, limits, and problems as answers."""
