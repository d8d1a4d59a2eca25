"""RSS and Atom: fetched politely and safely, read purely, and polled."""
