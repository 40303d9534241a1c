package postgres

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// uuidCodec passes uuid.UUID as its 16 bytes. pgx knows it only as a driver.Valuer and sql.Scanner, so that each id would be formatted as text
// and parsed again, in both directions. Everything else is left to pgx.
type uuidCodec struct{ pgtype.UUIDCodec }

// registerUUID has a connection use uuidCodec, for single values and in arrays.
func registerUUID(m *pgtype.Map) {
	one := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidCodec{}}
	m.RegisterType(one)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: &pgtype.ArrayCodec{ElementType: one}})
	m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{wrapUUIDs}, m.TryWrapEncodePlanFuncs...)
}

func (c uuidCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return encodeUUID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

func (c uuidCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return scanUUID{}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type encodeUUID struct{}

func (encodeUUID) Encode(value any, buf []byte) ([]byte, error) {
	id := value.(uuid.UUID) //nolint:forcetypeassert // a plan is for one type
	return append(buf, id[:]...), nil
}

type scanUUID struct{}

// Scan leaves the target as it is for NULL, as uuid.UUID's own Scan does.
func (scanUUID) Scan(src []byte, target any) error {
	if src == nil {
		return nil
	}
	id := target.(*uuid.UUID) //nolint:forcetypeassert // a plan is for one type
	if len(src) != len(id) {
		return fmt.Errorf("read uuid: %d bytes", len(src))
	}
	copy(id[:], src)
	return nil
}

// wrapUUIDs lets a slice of ids be an array without reflection.
func wrapUUIDs(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	ids, ok := value.([]uuid.UUID)
	return &encodeUUIDs{}, pgtype.FlatArray[uuid.UUID](ids), ok
}

type encodeUUIDs struct{ next pgtype.EncodePlan }

func (p *encodeUUIDs) SetNext(next pgtype.EncodePlan) { p.next = next }

func (p *encodeUUIDs) Encode(value any, buf []byte) ([]byte, error) {
	return p.next.Encode(pgtype.FlatArray[uuid.UUID](value.([]uuid.UUID)), buf) //nolint:forcetypeassert // a plan is for one type
}
