"""What may refuse: each gate gives a reason to act on, and can be forced by naming one."""
