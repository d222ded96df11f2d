"""Pictures, clips and sounds.

maker.py     who makes them: one method; the sandbox's is used where no other is named
sandbox.py   draws and sings small, real files
draw.py      a frame (pure)
clip.py      frames into an animated WebP, and back (pure)
sound.py     a melody, a voice (pure)
measure.py   sizes, seconds, sharpness, likeness, loudness: read from the files (pure)
"""
