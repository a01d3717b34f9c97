"""The built-in studies: each module holds one, its design and how its question is answered."""
