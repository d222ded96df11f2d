"""What each task type does.

job.py       what a task is given, and how its end is written
texts.py     scripts, shots and prompts: model calls
pictures.py  keyframes, and what is made of them
videos.py    previews, finals, the whole film
sounds.py    music and voices
quality.py   measured: pictures, clips, sounds, likeness
people.py    checkpoints, revisions, a person's gate
keeper.py    keeps the film's run open, and closes it
"""
