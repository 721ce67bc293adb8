"""What a program did in a failing call, seen from inside its process."""
