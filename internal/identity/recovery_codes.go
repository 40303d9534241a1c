package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	recoveryCodes = 10 // that a person has
	// recoveryLength is in characters of base32: 80 random bits, so that SHA-256 without salt or stretching is enough.
	recoveryLength = 16
)

// newRecoveryCode returns one as people read it: four groups of four.
func newRecoveryCode() string {
	text := strings.ToLower(rand.Text()[:recoveryLength])
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// hashRecoveryCode passes over how somebody has typed it. It returns nil for what can't be one.
func hashRecoveryCode(code string) []byte {
	text := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	if len(text) != recoveryLength {
		return nil
	}
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// replaceRecoveryCodes makes new codes; those before are worth nothing.
func replaceRecoveryCodes(ctx context.Context, tx pgx.Tx, person uuid.UUID) ([]string, error) {
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		hashes[i] = hashRecoveryCode(codes[i])
	}
	if _, err := tx.Exec(ctx, `delete from identity.recovery_codes where person_id = $1`, person); err != nil {
		return nil, err
	}
	_, err := tx.Exec(ctx, `insert into identity.recovery_codes (person_id, hash) select $1, unnest($2::bytea[])`, person, hashes)
	return codes, err
}

// useRecoveryCode reports whether a code was one that wasn't used yet.
func useRecoveryCode(ctx context.Context, tx pgx.Tx, person uuid.UUID, code string, now time.Time) (bool, error) {
	hash := hashRecoveryCode(code)
	if hash == nil {
		return false, nil
	}
	tag, err := tx.Exec(ctx, `update identity.recovery_codes set used_at = $3 where person_id = $1 and hash = $2 and used_at is null`, person, hash, now)
	return tag.RowsAffected() == 1, err
}
