-- Reading a source by itself: a repository by its connection, a website as a passer-by.
create table source_reading (
  source_id uuid primary key references source,
  -- not before
  next_at timestamptz not null,
  -- which process is at it, and until when that is believed without hearing of it
  holder text,
  held_until timestamptz,
  -- that failed one after the other
  attempts integer not null default 0,
  read_at timestamptz,
  -- what the last reading told of what it read: tags by which the next one asks whether anything changed
  tags jsonb not null default '{}',
  -- what could not be read though the rest could, and why
  gaps jsonb not null default '[]',
  -- why the last one failed: a code with a sentence in words, and what was said
  problem text,
  detail text
);
