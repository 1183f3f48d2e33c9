"""Figures of the machines: days put together from runs, due times, findings and readings, and KPIs read from them."""
