"""Seeds mistakes into the shipped mappings and counts how many the checker refuses, and where.

python -m tests.mutation            a sample of every kind, as a table
python -m tests.mutation --show     the mistakes that got through, too
"""
