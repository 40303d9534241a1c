package projections

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Listing is the part of a list that is asked for; zero values = from its beginning, in its default order, not counted.
type Listing struct {
	Sort  string // an order of the list; with "-" in front, the reverse
	After Place  // the last row seen
	Limit int
	Total bool // count all rows that the filters let through
}

// Place is the position of a row in the order of a list.
type Place struct {
	Value string // the value that is sorted by; empty when that is the age
	Oseq  int64  // 0 = before the first
}

// Page is a part of a list.
type Page[R any] struct {
	Rows  []*R
	Next  *Place // of the last row; nil = nothing follows
	Total int    // if it was asked for
}

// sorting is an order of a list: an expression that is never null, and its type.
type sorting struct{ by, kind string }

// byAge sorts by the event that created the row; every other order falls back on it for equal values.
const byAge = "created_at"

// query is a query for a list, before it is narrowed to a page.
type query struct {
	from       string // table, in schema read, as t
	own        string // the default order
	orders     map[string]sorting
	conditions []string
	args       []any
}

// where adds a condition, in which ? stands for the values in turn.
func (q *query) where(condition string, values ...any) {
	for _, v := range values {
		q.args = append(q.args, v)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	q.conditions = append(q.conditions, condition)
}

// whereSet, whereID and whereTime add a condition unless the value is zero.
func (q *query) whereSet(condition, value string) {
	if value != "" {
		q.where(condition, value)
	}
}

func (q *query) whereID(condition string, value uuid.UUID) {
	if value != uuid.Nil {
		q.where(condition, value)
	}
}

func (q *query) whereTime(condition string, value time.Time) {
	if !value.IsZero() {
		q.where(condition, value)
	}
}

// whereText looks for a text in a column, case ignored.
func (q *query) whereText(column, text string) {
	q.whereSet(`strpos(lower(`+column+` collate pg_c_utf8), ?) > 0`, searchable(text))
}

// whereLead looks for a text in the search text of the lead of a row, or in columns of the row. Leads are looked for first: when few are found,
// their rows are found by an index, and leads are gone through once, not for the rows and again for their number.
func (q *query) whereLead(ctx context.Context, tx pgx.Tx, org uuid.UUID, text string, columns ...string) error {
	if text = searchable(text); text == "" {
		return nil
	}
	rows, err := tx.Query(ctx, `select lead_id from read.leads where org_id = $1 and strpos(search, $2) > 0 limit $3`, org, text, fewLeads+1)
	if err != nil {
		return fmt.Errorf("find leads: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("find leads: %w", err)
	}
	condition, values := `t.lead_id = any(?)`, []any{found}
	if len(found) > fewLeads {
		condition, values = `t.lead_id in (select l.lead_id from read.leads l where l.org_id = $1 and strpos(l.search, ?) > 0)`, []any{text}
	}
	for _, column := range columns {
		condition, values = condition+` or strpos(lower(coalesce(`+column+`, '') collate pg_c_utf8), ?) > 0`, append(values, text)
	}
	q.where(`(`+condition+`)`, values...)
	return nil
}

const fewLeads = 1000

// byLetters sorts a column of names, which may be null, ignoring case.
func byLetters(column string) sorting {
	return sorting{`lower(coalesce(` + column + `, '') collate pg_c_utf8)`, "text"}
}

// newQuery returns a query for the rows of an organisation.
func newQuery(table, own string, org uuid.UUID, orders map[string]sorting) *query {
	q := &query{from: `read.` + table + ` t where `, own: own, orders: orders}
	q.where(`t.org_id = ?`, org)
	return q
}

// narrowed returns everything after "from".
func (q *query) narrowed() string { return q.from + strings.Join(q.conditions, " and ") }

// readPage reads one row more than it returns, so that it knows whether more follow.
func readPage[R any](ctx context.Context, tx pgx.Tx, q *query, l Listing, what string, oseq func(*R) int64) (*Page[R], error) {
	page := &Page[R]{}
	count, values := `select count(*) from `+q.narrowed(), q.args
	name, falling := strings.CutPrefix(cmp.Or(l.Sort, q.own), "-")
	order, known := q.orders[name]
	if !known && name != byAge {
		return nil, fmt.Errorf("list %s: no order by %q", what, name)
	}
	way, than := " asc", ">"
	if falling {
		way, than = " desc", "<"
	}
	by := `t.oseq` + way
	if known {
		by = order.by + way + `, ` + by
	}
	if l.After.Oseq != 0 && known {
		q.where(`(`+order.by+`, t.oseq) `+than+` (?::text::`+order.kind+`, ?)`, l.After.Value, l.After.Oseq)
	} else if l.After.Oseq != 0 {
		q.where(`t.oseq `+than+` ?`, l.After.Oseq)
	}
	columns := strings.Split(columnsOf[R](), ", ")
	rows, err := tx.Query(ctx, `select t.`+strings.Join(columns, ", t.")+` from `+q.narrowed()+` order by `+by+` limit `+strconv.Itoa(l.Limit+1), q.args...)
	if page.Rows, err = collectAll[R](rows, err, "list "+what); err != nil {
		return nil, err
	}
	switch all := l.After.Oseq == 0 && len(page.Rows) <= l.Limit; {
	case all:
		page.Total = len(page.Rows)
	case l.Total:
		if err := tx.QueryRow(ctx, count, values...).Scan(&page.Total); err != nil {
			return nil, fmt.Errorf("count %s: %w", what, err)
		}
	}
	if len(page.Rows) <= l.Limit {
		return page, nil
	}
	page.Rows = page.Rows[:l.Limit]
	page.Next = &Place{Oseq: oseq(page.Rows[l.Limit-1])}
	if known {
		q.conditions = q.conditions[:1]
		err = tx.QueryRow(ctx, `select (`+order.by+`)::text from `+q.narrowed()+` and t.oseq = $2`, q.args[0], page.Next.Oseq).Scan(&page.Next.Value)
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	return page, nil
}
