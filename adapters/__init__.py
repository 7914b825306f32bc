"""Everybody Tillbot talks through, one folder each: the only place for SDKs."""
