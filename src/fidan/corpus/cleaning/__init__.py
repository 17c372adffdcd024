"""What is done to the text of a document; documents stay."""
