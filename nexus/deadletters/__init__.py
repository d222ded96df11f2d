"""Dead letters: what could not be finished, kept until a person decides.

fingerprint.py  what makes two failures the same (pure)
models.py       DeadLetter
groups.py       letters that are the same failure, told as one
bury.py         write one, in the settle that ends the last attempt
"""
