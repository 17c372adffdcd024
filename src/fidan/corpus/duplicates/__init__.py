"""What is compared over all documents: equal and near documents, lines that repeat."""
