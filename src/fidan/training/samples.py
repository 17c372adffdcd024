"""temporary"""


def write_samples(*a):
    return []
