"""What stays true whoever asks and whoever pays."""
