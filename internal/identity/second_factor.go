package identity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"outrider/internal/es"
)

var (
	// ErrCode: a code is wrong, was used before, or is of another time.
	ErrCode = errors.New("the code is wrong, too old, or was used before")
	// ErrSecondFactorOn: a second factor is turned on already.
	ErrSecondFactorOn = errors.New("a second factor is turned on: turn it off first")
	// ErrSecondFactorOff: there is no second factor, or none was begun.
	ErrSecondFactorOff = errors.New("there is no second factor")
)

const (
	codeDigits = otp.DigitsSix
	codeStep   = 30 // seconds that a code is shown
	codeSkew   = 1  // steps that a clock may be off
	secretSize = 20 // bytes, as RFC 4226 wants
	freeCodes  = 5  // wrong ones before one must wait
	secretName = "second factor "
	appName    = "Outrider" // as programs that show codes name the account
)

// mostWait bounds how long wrong codes keep a person from the next one. Three of a million codes fit at any time: at one code in five
// minutes somebody who knows the password guesses for a year to be right with a chance of one in four, and the person was told by mail.
const mostWait = 5 * time.Minute

// FactorSecrets keeps what codes are made of; *pii.Vault is one.
type FactorSecrets interface {
	Secrets
	DeleteSecret(ctx context.Context, org uuid.UUID, name string) error
}

// SecondFactors are codes that people give beside their password. One serves all goroutines of a process. Who gives codes for a person waits
// for the one before them, in all processes: so no code is good for two.
type SecondFactors struct {
	pool    *pgxpool.Pool
	secrets FactorSecrets
	now     func() time.Time
}

// NewSecondFactors takes a pool that connects as outrider_identity, and where secrets lie; now nil means time.Now.
func NewSecondFactors(pool *pgxpool.Pool, secrets FactorSecrets, now func() time.Time) *SecondFactors {
	if now == nil {
		now = time.Now
	}
	return &SecondFactors{pool, secrets, now}
}

// Enrollment is what a program needs to show codes.
type Enrollment struct {
	Secret string // base32
	URI    string // otpauth://, to be shown as a QR code
}

// Enroll begins a second factor, which is asked for once a code has confirmed it; one that was begun before is forgotten. ErrSecondFactorOn.
func (s *SecondFactors) Enroll(ctx context.Context, person uuid.UUID, email string) (Enrollment, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: appName, AccountName: email, Period: codeStep, SecretSize: secretSize, Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return Enrollment{}, fmt.Errorf("make second factor: %w", err)
	}
	id := uuid.New()
	if err := s.secrets.PutSecret(ctx, es.SystemOrg, secretName+id.String(), []byte(key.Secret())); err != nil {
		return Enrollment{}, fmt.Errorf("keep second factor: %w", err)
	}
	forgotten := id // unless it is stored
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		is, err := lockFactor(ctx, tx, person)
		switch {
		case errors.Is(err, ErrSecondFactorOff):
		case err != nil:
			return err
		case is.Confirmed:
			return ErrSecondFactorOn
		}
		if _, err := tx.Exec(ctx, `insert into identity.second_factors as f (person_id, enrollment_id, enrolled_at) values ($1, $2, $3)
			on conflict (person_id) do update set enrollment_id = excluded.enrollment_id, enrolled_at = excluded.enrolled_at, last_step = 0 where f.confirmed_at is null`, person, id, s.now()); err != nil {
			return err
		}
		forgotten = is.Enrollment
		return nil
	})
	if forgotten != uuid.Nil {
		err = errors.Join(err, s.secrets.DeleteSecret(ctx, es.SystemOrg, secretName+forgotten.String()))
	}
	if err != nil {
		return Enrollment{}, fmt.Errorf("begin second factor: %w", err)
	}
	return Enrollment{key.Secret(), key.URL()}, nil
}

// factor is a row of identity.second_factors.
type factor struct {
	Person     uuid.UUID  `db:"person_id"`
	Enrollment uuid.UUID  `db:"enrollment_id"`
	Confirmed  bool       `db:"confirmed"`
	LastStep   int64      `db:"last_step"`
	Failures   int        `db:"failures"`
	LastFailed *time.Time `db:"last_failure_at"`
	Until      *time.Time `db:"until"`
}

// lockFactor lets one after the other give a code for a person. ErrSecondFactorOff.
func lockFactor(ctx context.Context, tx pgx.Tx, person uuid.UUID) (factor, error) {
	rows, err := tx.Query(ctx, `select person_id, enrollment_id, confirmed_at is not null as confirmed, last_step, failures, last_failure_at, until
		from identity.second_factors where person_id = $1 for update`, person)
	if err != nil {
		return factor{}, err
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[factor])
	if errors.Is(err, pgx.ErrNoRows) {
		return factor{}, ErrSecondFactorOff
	}
	return f, err
}

// useCode uses a code up, of the program or one on paper, and reports which it was. What must be committed also when the code is wrong
// is done; the error of the code itself is wrong.
func (s *SecondFactors) useCode(ctx context.Context, tx pgx.Tx, f factor, code string) (recovery bool, wrong, err error) {
	now := s.now()
	if f.Until != nil && now.Before(*f.Until) {
		return false, &ThrottledError{f.Until.Sub(now).Round(time.Second) + time.Second}, nil
	}
	step, err := s.findStep(ctx, f, code, now)
	if err != nil {
		return false, nil, err
	}
	if step == 0 && f.Confirmed {
		if recovery, err = useRecoveryCode(ctx, tx, f.Person, code, now); err != nil {
			return false, nil, err
		}
	}
	if step == 0 && !recovery {
		return false, ErrCode, s.countFailure(ctx, tx, f, now)
	}
	_, err = tx.Exec(ctx, `update identity.second_factors set last_step = greatest(last_step, $2), failures = 0, until = null where person_id = $1`, f.Person, step)
	return recovery, nil, err
}

// findStep returns the time step that a code is of; 0 = of none that may be used.
func (s *SecondFactors) findStep(ctx context.Context, f factor, code string, now time.Time) (int64, error) {
	if len(code) != codeDigits.Length() {
		return 0, nil
	}
	secret, err := s.secrets.Secret(ctx, es.SystemOrg, secretName+f.Enrollment.String())
	if err != nil {
		return 0, fmt.Errorf("read second factor: %w", err)
	}
	current := now.Unix() / codeStep
	for step := max(current-codeSkew, f.LastStep+1); step <= current+codeSkew; step++ {
		ok, err := hotp.ValidateCustom(code, uint64(step), string(secret), hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // after 1970
		if err != nil {
			return 0, fmt.Errorf("check code: %w", err)
		}
		if ok {
			return step, nil
		}
	}
	return 0, nil
}

func (s *SecondFactors) countFailure(ctx context.Context, tx pgx.Tx, f factor, now time.Time) error {
	failures := f.Failures + 1
	if f.LastFailed == nil || now.Sub(*f.LastFailed) > forgetFailures {
		failures = 1
	}
	until := now
	if failures > freeCodes {
		until = now.Add(min(mostWait, time.Duration(math.Exp2(float64(min(failures-freeCodes, 30))))*time.Second/2))
	}
	_, err := tx.Exec(ctx, `update identity.second_factors set failures = $2, last_failure_at = $3, until = $4 where person_id = $1`, f.Person, failures, now, until)
	return err
}

// withCode does something that needs a code of a person whose second factor is on, or, to confirm it, isn't yet.
func (s *SecondFactors) withCode(ctx context.Context, person uuid.UUID, code string, on bool, do func(tx pgx.Tx, f factor) error) (recovery bool, err error) {
	var wrong error
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		f, err := lockFactor(ctx, tx, person)
		switch {
		case err != nil:
			return err
		case f.Confirmed && !on:
			return ErrSecondFactorOn
		case !f.Confirmed && on:
			return ErrSecondFactorOff
		}
		if recovery, wrong, err = s.useCode(ctx, tx, f, code); err != nil || wrong != nil {
			return err
		}
		if recovery {
			if err := s.noteChange(ctx, tx, person, RecoveryCodeUsed); err != nil {
				return err
			}
		}
		return do(tx, f)
	})
	if err != nil {
		return false, fmt.Errorf("use a second factor: %w", err)
	}
	return recovery, wrong
}
