"""Answers to questions about an organization, as data: tables, steps and notes, before anybody renders them."""
