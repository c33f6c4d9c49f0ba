"""Journeys: pictures over time, made of a few that are given. Free of torch.

A journey is a list of keys. A key is a whole request and the moment at which it is seen, and
`frame.at` says for every moment what is seen then, which again is only a request. So a journey
needs nothing of the renderer that one picture does not need.
"""
