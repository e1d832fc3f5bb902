"""What the session does besides evaluating the text: namespaces, reloading, removing, a new one."""
