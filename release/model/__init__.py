"""Plain data: releases, their status, the traffic split and names."""
