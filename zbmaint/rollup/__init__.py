"""Roll-ups: what happened, put together by day, once and again whenever it is corrected."""
