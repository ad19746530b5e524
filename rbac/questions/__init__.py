"""Questions in words: references in, answers with sentences out (design 10)."""
