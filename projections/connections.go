package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Connection is a row of read.connections.
type Connection struct {
	OrgID        uuid.UUID       `db:"org_id"`
	ConnectionID uuid.UUID       `db:"connection_id"`
	Oseq         int64           `db:"oseq"`
	Provider     string          `db:"provider"`
	Account      json.RawMessage `db:"account"` // an events.Sealed
	AccountHash  string          `db:"account_hash"`
	PersonID     *uuid.UUID      `db:"person_id"`
	Interrupted  string          `db:"interrupted"` // why; "" = it isn't
	Detail       string          `db:"detail"`
	Paused       bool            `db:"paused"`
	PauseReason  string          `db:"pause_reason"`
	Since        time.Time       `db:"since"`
	Settings     json.RawMessage `db:"settings"`  // an events.CRMSettings; nil = nothing is mapped
	Calendars    json.RawMessage `db:"calendars"` // an events.Sealed; nil = nothing is chosen
	Writes       bool            `db:"writes"`    // meetings are written into one of them
	CreatedAt    time.Time       `db:"created_at"`
	UpdatedAt    time.Time       `db:"updated_at"`
}

// States of a connection.
const (
	ConnectionConnected = "connected"
	ConnectionNeedsYou  = "needs_you"
	ConnectionPaused    = "paused"
)

// State is what a connection is in; what needs somebody comes before a pause.
func (c *Connection) State() string {
	switch {
	case c.Interrupted != "":
		return ConnectionNeedsYou
	case c.Paused:
		return ConnectionPaused
	}
	return ConnectionConnected
}

func foldConnections(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	about := func(e *es.Event) (x uuid.UUID, ok bool) {
		if p := events.As[events.ConnectionEvent](e.Payload); p != nil {
			return p.Connection(), true
		}
		return x, false
	}
	return foldTable(ctx, tx, batch, "connections", "connection_id", about, func(r *Connection) id { return id{r.OrgID, r.ConnectionID} }, applyConnection)
}

func applyConnection(rows *fold[id, Connection], e *es.Event) (err error) {
	event := events.As[events.ConnectionEvent](e.Payload)
	if event == nil {
		return nil
	}
	key := id{e.Org, event.Connection()}
	if p, ok := event.(events.ConnectionMade); ok {
		c := &Connection{OrgID: e.Org, ConnectionID: p.ConnectionID, Oseq: e.Oseq, Provider: p.Provider, AccountHash: p.AccountHash, Since: e.Time, CreatedAt: e.Time, UpdatedAt: e.Time}
		if p.PersonID != uuid.Nil {
			c.PersonID = &p.PersonID
		}
		rows.putRow(key, c)
		c.Account, err = es.Marshal(p.Account)
		return err
	}
	c := rows.rows[key]
	if c == nil {
		return nil
	}
	was := c.State()
	switch p := event.(type) {
	case events.ConnectionInterrupted:
		c.Interrupted, c.Detail = p.Reason, p.Detail
	case events.ConnectionRestored:
		c.Interrupted, c.Detail = "", ""
	case events.ConnectionPaused:
		c.Paused, c.PauseReason = true, p.Reason
	case events.ConnectionResumed:
		c.Paused, c.PauseReason = false, ""
	case events.ConnectionMapped:
		c.Settings, err = es.Marshal(p.CRMSettings)
	case events.ConnectionCalendarsChosen:
		c.Writes = p.Writes
		c.Calendars, err = es.Marshal(p.Calendars)
	case events.ConnectionRemoved:
		rows.putRow(key, nil)
		return nil
	case events.ConnectionMade, events.ConnectionImportRequested, events.ConnectionResyncRequested, events.ConnectionConflictResolved:
		return nil
	}
	if c.UpdatedAt = e.Time; c.State() != was {
		c.Since = e.Time
	}
	return err
}

// GetConnection returns pgx.ErrNoRows for one that there isn't.
func GetConnection(ctx context.Context, tx pgx.Tx, org, connection uuid.UUID) (*Connection, error) {
	rows, err := tx.Query(ctx, selectFrom[Connection]("connections")+`where org_id = $1 and connection_id = $2`, org, connection)
	return collectOne[Connection](rows, err, "get connection")
}

// ListConnections returns all of an organisation, the oldest first: there are few.
func ListConnections(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Connection, error) {
	rows, err := tx.Query(ctx, selectFrom[Connection]("connections")+`where org_id = $1 order by oseq`, org)
	return collectAll[Connection](rows, err, "list connections")
}
