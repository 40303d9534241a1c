package project

import "outrider/internal/es"

// Columns is a projection in ClickHouse and its tables.
type Columns struct {
	Table
	Decode  es.Decoder // nil when the table doesn't need payloads
	Derived []Derived  // by its views
}

// Tables returns the names of all of them, first the one that is written.
func (c Columns) Tables() []string {
	out := []string{c.Table.Table}
	for _, d := range c.Derived {
		out = append(out, d.Table)
	}
	return out
}

// Derived is a table that views fill.
type Derived struct {
	Table string
	Rows  string // a query of its content: a column org, and others that can be hashed
}
