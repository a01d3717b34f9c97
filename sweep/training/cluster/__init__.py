"""Workers that are processes of their own, of this machine or of others, held together by Dask."""
