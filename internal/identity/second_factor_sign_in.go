package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	prefixSecondFactor = "orf_"
	secondFactorTime   = 5 * time.Minute
)

// ErrSignInStep: the token between password and code was never given, was used, or is too old. All look alike.
var ErrSignInStep = errors.New("the sign-in is over: begin it anew")

// BeginSignIn returns a token that stands for the right password of a person until a code is given with it. It is good for nothing else, and for one time.
func (s *SecondFactors) BeginSignIn(ctx context.Context, person, org uuid.UUID) (token string, expires time.Time, err error) {
	t, now := newToken(false, uuid.New()), s.now()
	hash := t.hashSecret()
	expires = now.Add(secondFactorTime)
	_, err = s.pool.Exec(ctx, `with old as (delete from identity.second_factor_sign_ins where expires_at <= $6)
		insert into identity.second_factor_sign_ins (id, hash, person_id, org_id, expires_at) values ($1, $2, $3, $4, $5)`, t.id, hash[:], person, orgParam(org), expires, now)
	if err != nil {
		return "", expires, fmt.Errorf("begin sign-in by two factors: %w", err)
	}
	return formatSecret(prefixSecondFactor, t), expires, nil
}

// SignedIn is who has given password and code.
type SignedIn struct {
	Person, Org uuid.UUID
	Recovery    bool // the code was on paper
}

// FinishSignIn takes the code; with a wrong one the token stays good, and only Person is set beside the error. ErrSignInStep, ErrCode, *ThrottledError.
func (s *SecondFactors) FinishSignIn(ctx context.Context, token, code string) (in SignedIn, err error) {
	t, ok := parseSecret(prefixSecondFactor, token)
	if !ok {
		return in, ErrSignInStep
	}
	person, err := s.findSignIn(ctx, t)
	if err != nil {
		return in, err
	}
	in.Person = person
	in.Recovery, err = s.withCode(ctx, person, code, true, func(tx pgx.Tx, _ factor) error {
		var org *uuid.UUID
		// Again, as somebody may have signed in with it meanwhile: then the code isn't used up.
		err := tx.QueryRow(ctx, `delete from identity.second_factor_sign_ins where id = $1 and expires_at > $2 returning org_id`, t.id, s.now()).Scan(&org)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrSignInStep
		}
		if org != nil {
			in.Org = *org
		}
		return err
	})
	if errors.Is(err, ErrSecondFactorOff) { // it was turned off meanwhile
		err = ErrSignInStep
	}
	return in, err
}

func (s *SecondFactors) findSignIn(ctx context.Context, t token) (person uuid.UUID, err error) {
	var hash []byte
	err = s.pool.QueryRow(ctx, `select f.hash, f.person_id from identity.second_factor_sign_ins f join identity.people p on p.id = f.person_id
		where f.id = $1 and f.expires_at > $2 and p.active`, t.id, s.now()).Scan(&hash, &person)
	if errors.Is(err, pgx.ErrNoRows) {
		return person, ErrSignInStep
	}
	if err != nil {
		return person, fmt.Errorf("read sign-in: %w", err)
	}
	if want := t.hashSecret(); subtle.ConstantTimeCompare(hash, want[:]) != 1 {
		return person, ErrSignInStep
	}
	return person, nil
}
