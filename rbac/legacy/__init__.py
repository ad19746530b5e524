"""Coming from the old system: what its flags and preferences let people do, as assignments of built-in roles.

docs/decisions/coming-from-the-old-system.md says what is carried over, and how it is proven that nothing was lost.
"""
