package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
)

// FactorChange is what happened to the second factor of a person.
type FactorChange string

// The kinds of changes, as events name them.
const (
	FactorTurnedOn       FactorChange = "turned_on"
	FactorTurnedOff      FactorChange = "turned_off"
	RecoveryCodeUsed     FactorChange = "recovery_code_used"
	RecoveryCodesRenewed FactorChange = "recovery_codes_renewed"
)

// UntoldChange is one that the history of an organisation has yet to be told.
type UntoldChange struct {
	ID     uuid.UUID    `db:"id"` // of the command that tells it
	Person uuid.UUID    `db:"person_id"`
	Org    uuid.UUID    `db:"org_id"`
	Change FactorChange `db:"change"`
}

// noteChange writes down what the organisations of a person are to be told.
func (s *SecondFactors) noteChange(ctx context.Context, tx pgx.Tx, person uuid.UUID, change FactorChange) error {
	_, err := tx.Exec(ctx, `insert into identity.second_factor_changes (person_id, org_id, change, at)
		select m.person_id, m.org_id, $2, $3 from identity.memberships m left join identity.organisation_access a using (org_id)
		where m.person_id = $1 and m.role <> '' and coalesce(a.access, 'full') <> 'none'`, person, change, s.now())
	return err
}

// Untold lists changes that were written down and not Told: those of a person, or, of the zero value, those that have waited a while.
func (s *SecondFactors) Untold(ctx context.Context, person uuid.UUID, waited time.Duration) ([]UntoldChange, error) {
	rows, err := s.pool.Query(ctx, `select id, person_id, org_id, change from identity.second_factor_changes
		where ($1::uuid is null or person_id = $1) and at <= $2 order by at, id limit 100`, orgParam(person), s.now().Add(-waited))
	if err != nil {
		return nil, fmt.Errorf("list changes of second factors: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[UntoldChange])
	if err != nil {
		return nil, fmt.Errorf("list changes of second factors: %w", err)
	}
	return list, nil
}

// Told forgets a change that the log has.
func (s *SecondFactors) Told(ctx context.Context, id uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, `delete from identity.second_factor_changes where id = $1`, id); err != nil {
		return fmt.Errorf("forget a change of a second factor: %w", err)
	}
	return nil
}

// Confirm turns a person's second factor on, with a code that shows that they have it, and returns their recovery codes, which can't be had again.
// ErrCode, ErrSecondFactorOn, ErrSecondFactorOff, *ThrottledError.
func (s *SecondFactors) Confirm(ctx context.Context, person uuid.UUID, code string) (codes []string, err error) {
	_, err = s.withCode(ctx, person, code, false, func(tx pgx.Tx, _ factor) error {
		if _, err := tx.Exec(ctx, `update identity.second_factors set confirmed_at = $2 where person_id = $1`, person, s.now()); err != nil {
			return err
		}
		if err := s.noteChange(ctx, tx, person, FactorTurnedOn); err != nil {
			return err
		}
		codes, err = replaceRecoveryCodes(ctx, tx, person)
		return err
	})
	return codes, err
}

// RenewRecoveryCodes replaces a person's recovery codes. ErrCode, ErrSecondFactorOff, *ThrottledError. recovery says that the code was one of the old ones.
func (s *SecondFactors) RenewRecoveryCodes(ctx context.Context, person uuid.UUID, code string) (codes []string, recovery bool, err error) {
	recovery, err = s.withCode(ctx, person, code, true, func(tx pgx.Tx, _ factor) error {
		if err := s.noteChange(ctx, tx, person, RecoveryCodesRenewed); err != nil {
			return err
		}
		codes, err = replaceRecoveryCodes(ctx, tx, person)
		return err
	})
	return codes, recovery, err
}

// Disable turns a person's second factor off. Errors as of RenewRecoveryCodes.
func (s *SecondFactors) Disable(ctx context.Context, person uuid.UUID, code string) (recovery bool, err error) {
	var gone uuid.UUID
	recovery, err = s.withCode(ctx, person, code, true, func(tx pgx.Tx, f factor) error {
		gone = f.Enrollment
		if err := s.noteChange(ctx, tx, person, FactorTurnedOff); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from identity.second_factors where person_id = $1`, person)
		return err
	})
	if err == nil {
		_ = s.secrets.DeleteSecret(ctx, es.SystemOrg, secretName+gone.String()) // it is off; a secret that stays is sealed, and fits nothing
	}
	return recovery, err
}

// FactorState is what a person may know of their second factor.
type FactorState struct {
	On            bool
	RecoveryCodes int // that weren't used
	Failures      int // wrong codes since the last right one
}

// State returns the zero value for who has none.
func (s *SecondFactors) State(ctx context.Context, person uuid.UUID) (st FactorState, err error) {
	err = s.pool.QueryRow(ctx, `select f.failures, (select count(*) from identity.recovery_codes r where r.person_id = f.person_id and r.used_at is null)
		from identity.second_factors f where f.person_id = $1 and f.confirmed_at is not null`, person).Scan(&st.Failures, &st.RecoveryCodes)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return FactorState{}, nil
	case err != nil:
		return FactorState{}, fmt.Errorf("read second factor: %w", err)
	}
	st.On = true
	return st, nil
}

// Forget takes the second factor of a person away who is forgotten themselves.
func (s *SecondFactors) Forget(ctx context.Context, person uuid.UUID) error {
	var gone uuid.UUID
	err := s.pool.QueryRow(ctx, `delete from identity.second_factors where person_id = $1 returning enrollment_id`, person).Scan(&gone)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = s.secrets.DeleteSecret(ctx, es.SystemOrg, secretName+gone.String())
	}
	if err != nil {
		return fmt.Errorf("forget second factor: %w", err)
	}
	return nil
}
