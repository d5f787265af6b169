"""``make look``: every workbook and page that people are handed, held against what Excel refuses, and as pictures."""
