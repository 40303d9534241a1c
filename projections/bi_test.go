package projections_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outrider/events"
)

// connectAs signs in at the test's database.
func (f *fixture) connectAs(t *testing.T, role string) *pgx.Conn {
	t.Helper()
	u, err := url.Parse(f.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	if role != "" {
		u.User = url.UserPassword(role, "a password of tests")
	}
	c, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// The script of docs/bi.md lets programs read one organisation's rows by SQL, or all of them, and nothing else.
func TestReadersBySQLSeeTheirOrganisationAlone(t *testing.T) {
	t.Parallel()
	f, l := setup(t), newLog(t)
	mine, other := uuid.New(), uuid.New()
	for _, org := range []uuid.UUID{mine, other} {
		f.store(t, l.add(org, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: uuid.New()}, Name: "of " + org.String()}))
	}
	owner := f.connectAs(t, "")
	script, err := os.ReadFile("../deploy/postgres/bi.sql")
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		t.Helper()
		if _, err := owner.PgConn().Exec(t.Context(), string(script)).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	run()
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	suffix := strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	tenant, operator, stranger := "bi_tenant_"+suffix, "bi_operator_"+suffix, "bi_stranger_"+suffix
	for _, role := range []string{tenant, operator, stranger} {
		do("create role " + role + " login noinherit password 'a password of tests'")
		t.Cleanup(func() {
			_, err := owner.Exec(context.Background(), "drop owned by "+role+"; drop role "+role, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Error(err)
			}
		})
	}
	do("call bi.admit($1, $2)", tenant, mine)
	do("call bi.admit($1, null)", operator)
	run() // as after an upgrade
	a, all, nobody := f.connectAs(t, tenant), f.connectAs(t, operator), f.connectAs(t, stranger)
	names := func(c *pgx.Conn) []string {
		t.Helper()
		rows, _ := c.Query(t.Context(), `select name from bi.campaigns order by name`)
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := names(a); len(got) != 1 || got[0] != "of "+mine.String() {
		t.Errorf("a tenant's reader sees %v", got)
	}
	if got := names(all); len(got) != 2 {
		t.Errorf("the operator's reader sees %v", got)
	}
	if _, err := a.Exec(t.Context(), `set outrider.org = '`+other.String()+`'`); err != nil {
		t.Fatal(err)
	}
	if got := names(a); len(got) != 1 {
		t.Errorf("after another organisation was set it sees %v", got)
	}
	for _, view := range []string{"mailboxes", "enrollments", "messages", "meetings", "ai_calls", "usage"} {
		if _, err := a.Exec(t.Context(), "select * from bi."+view); err != nil {
			t.Errorf("%s: %v", view, err)
		}
	}
	refused := func(c *pgx.Conn, sql string) {
		t.Helper()
		var denied *pgconn.PgError
		if _, err := c.Exec(t.Context(), sql); !errors.As(err, &denied) || denied.Code != "42501" {
			t.Errorf("%s: got %v", sql, err)
		}
	}
	refused(nobody, `select * from bi.campaigns`)
	for _, sql := range []string{`select * from read.campaigns`, `select * from read.leads`, `select * from bi.readers`, `set role outrider_projector`, `set role outrider_api`, `call bi.admit(current_user, null)`} {
		refused(a, sql)
	}
	if _, err := a.Exec(t.Context(), `set default_transaction_read_only = off`); err != nil {
		t.Fatal(err)
	}
	refused(a, `insert into bi.readers values ('x', null)`)
	refused(a, `create table bi.mine (n int)`)

	// Another table takes the place of the one before, as when a projection is rebuilt.
	for _, sql := range []string{`alter table read.usage rename to usage_before`, `create table read.usage (like read.usage_before including all)`, `call kernel.protect('read.usage')`, `drop table read.usage_before`} {
		do(sql)
	}
	do(`insert into read.usage values ($1, now(), 1, 2), ($2, now(), 3, 4)`, mine, other)
	var sent int
	if err := a.QueryRow(t.Context(), `select sum(emails_sent) from bi.usage`).Scan(&sent); err != nil || sent != 2 {
		t.Errorf("of the table that took its place it reads %d, %v", sent, err)
	}
}
