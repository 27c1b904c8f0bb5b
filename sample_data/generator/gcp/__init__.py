"""Google Cloud's part of the sample company: three projects, as gcloud prints them."""
