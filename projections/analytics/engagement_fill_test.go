package analytics_test

import (
	"testing"

	"outrider/projections/analytics"
)

// fillOlderRows makes rows as they were before they had people, arms and what answers mean, and expects them as they are now, with all that is derived.
func fillOlderRows(t *testing.T, g engagement, s *story) {
	t.Helper()
	exec := func(sql string) {
		t.Helper()
		if err := g.conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	table := analytics.Events()
	batch, err := g.conn.PrepareBatch(t.Context(), "INSERT INTO "+table.Into)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Events {
		if err := table.Append(batch, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	digest := func() (rows, hash uint64) {
		t.Helper()
		if err := g.conn.QueryRow(t.Context(), `SELECT count(), groupBitXor(cityHash64(*)) FROM (SELECT DISTINCT * FROM engagement FINAL)`).Scan(&rows, &hash); err != nil {
			t.Fatal(err)
		}
		return rows, hash
	}
	rows, hash := digest()
	exec(`ALTER TABLE engagement DELETE WHERE fact = 'arm' AND cityHash64(about) % 2 SETTINGS mutations_sync = 2`)
	exec(`ALTER TABLE engagement DELETE WHERE fact = 'delay' SETTINGS mutations_sync = 2`)
	exec(`ALTER TABLE engagement UPDATE reply_class = '' WHERE fact = 'reply' AND NOT corrected AND class != '' SETTINGS mutations_sync = 2`)
	const automatic, dropped = `fact = 'reply' AND NOT corrected AND class = '' AND reply_class != ''`, `fact = 'drop'`
	exec(`CREATE TABLE engagement_before AS engagement`) // what is part of the key can't be changed in place
	exec(`INSERT INTO engagement_before SELECT * REPLACE ('auto_reply' AS fact, toUUID('00000000-0000-0000-0000-000000000000') AS hit, '' AS reply_class) FROM (SELECT * FROM engagement WHERE ` + automatic + `)`)
	exec(`INSERT INTO engagement_before SELECT * REPLACE ('bounce' AS fact, 'other' AS class, oseq + 1 AS oseq, pseq + 1 AS pseq) FROM (SELECT * FROM engagement WHERE ` + dropped + `)`)
	exec(`INSERT INTO engagement_before SELECT * FROM engagement WHERE NOT (` + automatic + ` OR ` + dropped + `)`)
	exec(`ALTER TABLE engagement REPLACE PARTITION tuple() FROM engagement_before`)
	exec(`DROP TABLE engagement_before`)
	exec(`ALTER TABLE engagement UPDATE person = 0, experiment = toUUID('00000000-0000-0000-0000-000000000000'), arm = toUUID('00000000-0000-0000-0000-000000000000') WHERE 1 SETTINGS mutations_sync = 2`)
	exec(`DELETE FROM schema_migrations WHERE source = 'analytics' AND version >= 7`)
	if err := analytics.Migrate(t.Context(), g.conn); err != nil {
		t.Fatal(err)
	}
	if n, h := digest(); n != rows || h != hash {
		t.Errorf("%d rows of %x before, %d of %x after they were filled", rows, hash, n, h)
	}
	var twice int64
	if err := g.conn.QueryRow(t.Context(), `SELECT count() - uniqExact(org, about, oseq) FROM engagement WHERE fact = 'arm'`).Scan(&twice); err != nil || twice > 0 {
		t.Errorf("%d arms are there twice, %v", twice, err)
	}
	differences(t, g.conn, s, 0)
}
