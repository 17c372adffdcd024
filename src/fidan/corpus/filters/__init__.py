"""Why a document is dropped, a file a reason or a family of them."""
