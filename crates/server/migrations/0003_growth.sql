-- What grows with use is found by an index: no page and no upkeep reads a table from its beginning for a few of its rows.

-- Cases of the console: those under way, and those that ended, newest first. Sign-ins are in neither list.
CREATE INDEX access_case_under_way ON access_case (closed_at, expires_at) WHERE door <> 'login' AND account IS NOT NULL;
CREATE INDEX access_case_by_opening ON access_case (opened_at) WHERE door <> 'login' AND account IS NOT NULL;

-- Forgetting a case asks of each table that refers to cases whether it refers to this one.
CREATE INDEX notice_by_case ON notice (access_case) WHERE access_case IS NOT NULL;
CREATE INDEX notice_sent ON notice (sent_at) WHERE sent_at IS NOT NULL;

-- Members who stand otherwise than nearly all do.
CREATE INDEX account_not_enrolled ON account (name) WHERE enrolled_at IS NULL AND offboarded_at IS NULL;
CREATE INDEX account_gone ON account (name) WHERE offboarded_at IS NOT NULL;

-- Sessions are kept for a month after their end; counting those that live must not read all of them.
CREATE INDEX session_by_expiry ON session (expires_at);

-- Sign-ins are forgotten by their age. Cases under way are found by the index above, so that ending a sign-in touches no index.
DROP INDEX access_case_open;
CREATE INDEX access_case_sign_in ON access_case (expires_at) WHERE door = 'login';
