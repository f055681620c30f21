"""Signs creators in on this machine, in place of Supabase."""

from local.issuer.issuer import AUDIENCE, Issuer, creator_id
from local.issuer.keys import Keys
from local.issuer.server import HOST

__all__ = ["AUDIENCE", "HOST", "Issuer", "Keys", "creator_id"]
