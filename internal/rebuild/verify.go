package rebuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/project"
)

// rowsChecksum is a checksum of some rows, whatever their order.
type rowsChecksum struct {
	rows int64
	hash [2]string // sums of two different hashes of every row
}

// view is the rows of a side at a position.
type view interface {
	// digestTable returns the sum of each organisation's rows of a table.
	digestTable(ctx context.Context, table string) (map[uuid.UUID]rowsChecksum, error)
	// hashRows returns a hash of each row of an organisation by its key; none for tables whose rows have no keys.
	hashRows(ctx context.Context, table string, org uuid.UUID) (map[string]string, error)
	closeView()
}

// Table is a partition of a table, live and rebuilt, at the same position.
type Table struct {
	Table       string `json:"table"`
	Partition   int32  `json:"partition"`
	Pseq        int64  `json:"pseq"` // of both
	Rows        int64  `json:"rows"`
	Hash        string `json:"hash"` // of the live rows, without their order
	RebuiltRows int64  `json:"rebuilt_rows"`
	RebuiltHash string `json:"rebuilt_hash"`
	Equal       bool   `json:"equal"`
}

// Difference is an organisation whose rows of a table aren't equal.
type Difference struct {
	Table       string    `json:"table"`
	OrgID       uuid.UUID `json:"organization_id"`
	Rows        int64     `json:"rows"`
	RebuiltRows int64     `json:"rebuilt_rows"`
	Keys        []string  `json:"keys,omitempty"` // of rows that differ, the first few
}

// Verification is what a comparison found.
type Verification struct {
	Projection  string       `json:"projection"`
	Equal       bool         `json:"equal"`
	Tables      []Table      `json:"tables"`
	Differences []Difference `json:"differences,omitempty"`
}

// Verify compares live and rebuilt rows at an equal position of every partition. The rebuilt side is brought there.
func (r *Rebuild) Verify(ctx context.Context) (v Verification, err error) {
	if err := r.requireSide(ctx, project.Next); err != nil {
		return v, err
	}
	if _, err := r.catchUp(ctx, project.Next, nil); err != nil {
		return v, err
	}
	live, at, err := r.store.snapshotLive(ctx)
	if err != nil {
		return v, err
	}
	defer live.closeView()
	if err := r.runTo(ctx, project.Next, at, func(int32, int64) {}); err != nil {
		return v, fmt.Errorf("bring %s to the position of the live one: %w", r.name, err)
	}
	next, err := r.store.viewAt(ctx, project.Next, at)
	if err != nil {
		return v, err
	}
	defer next.closeView()
	v = Verification{Projection: r.name, Equal: true}
	for _, table := range r.store.tableNames() {
		if err := r.compareTable(ctx, &v, table, at, live, next); err != nil {
			return v, fmt.Errorf("compare %s: %w", table, err)
		}
	}
	return v, nil
}

func (r *Rebuild) requireSide(ctx context.Context, side project.Side) error {
	ok, err := r.store.sideExists(ctx, side)
	if err == nil && !ok {
		err = fmt.Errorf("there is no %s side of %s: run `outrider projections rebuild %s`", side, r.name, r.name)
	}
	return err
}

func (r *Rebuild) compareTable(ctx context.Context, v *Verification, table string, at vector, live, next view) error {
	was, err := live.digestTable(ctx, table)
	if err != nil {
		return err
	}
	is, err := next.digestTable(ctx, table)
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(at)) {
		t := Table{Table: table, Partition: p, Pseq: at[p].Pseq}
		t.Rows, t.Hash = sumPartition(was, p, r.in.Log.Partitions)
		t.RebuiltRows, t.RebuiltHash = sumPartition(is, p, r.in.Log.Partitions)
		t.Equal = t.Rows == t.RebuiltRows && t.Hash == t.RebuiltHash
		v.Tables, v.Equal = append(v.Tables, t), v.Equal && t.Equal
	}
	orgs := maps.Clone(was)
	maps.Copy(orgs, is)
	for _, org := range sortedOrgs(orgs) {
		if was[org] == is[org] {
			continue
		}
		d := Difference{Table: table, OrgID: org, Rows: was[org].rows, RebuiltRows: is[org].rows}
		v.Equal = false
		if len(v.Differences) < 20 {
			if d.Keys, err = differingKeys(ctx, table, org, live, next); err != nil {
				return err
			}
		}
		v.Differences = append(v.Differences, d)
	}
	return nil
}

func sortedOrgs(m map[uuid.UUID]rowsChecksum) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(m), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

// sumPartition combines the sums of a partition's organisations.
func sumPartition(of map[uuid.UUID]rowsChecksum, partition, partitions int32) (rows int64, hash string) {
	h := sha256.New()
	for _, org := range sortedOrgs(of) {
		if es.PartitionOf(org, partitions) == partition {
			rows += of[org].rows
			fmt.Fprintln(h, org, of[org].rows, of[org].hash[0], of[org].hash[1])
		}
	}
	return rows, hex.EncodeToString(h.Sum(nil)[:16])
}

// differingKeys returns the keys of rows that differ, the first few.
func differingKeys(ctx context.Context, table string, org uuid.UUID, live, next view) (keys []string, err error) {
	was, err := live.hashRows(ctx, table, org)
	if err != nil {
		return nil, err
	}
	is, err := next.hashRows(ctx, table, org)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, k := range slices.SortedFunc(maps.Keys(all), strings.Compare) {
		if was[k] != is[k] && len(keys) < 10 {
			keys = append(keys, k)
		}
	}
	return keys, nil
}
