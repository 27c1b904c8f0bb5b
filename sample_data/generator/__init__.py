"""Makes the sample company's exports, the same bytes every time. Knows nothing of the product: it only writes what tools print."""
