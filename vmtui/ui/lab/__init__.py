"""The laboratory in the app: runs on their thread, and what the stage draws of them."""
