"""The model for other programs: `hugging_face` writes a folder, `verify` proves it equal to what was trained."""
