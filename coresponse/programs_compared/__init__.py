"""One city, its calls and its budget under several crisis programs, side by side."""
