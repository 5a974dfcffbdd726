"""Rules of a decision: inputs, features, points, the table graph, its publish gate, the verdict."""
