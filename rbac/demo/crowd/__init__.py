"""The crowd round the demo's people at the sizes medium and large, as rows to be copied (issue 3, item 6).

The same at every load but for the clock and the ids that were taken before. `path` and `msp` stay with the triggers.
"""

from rbac.demo.crowd.copying import Progress, gather
from rbac.demo.crowd.sites import SIZES, Size

__all__ = ("SIZES", "Progress", "Size", "gather")
