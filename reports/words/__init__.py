"""Turn findings into plain English, an entry a code; another language would be another room."""
