package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"outrider/internal/identity"
)

func (s *safe) DeleteSecret(_ context.Context, _ uuid.UUID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, name)
	return nil
}

// phone shows codes of one enrollment.
type phone struct {
	t      *testing.T
	secret string
}

func (p phone) code(at time.Time) string {
	p.t.Helper()
	code, err := totp.GenerateCode(p.secret, at)
	check(p.t, err)
	return code
}

// wrongCode is none of those that are good about now.
func (p phone) wrongCode(at time.Time) string {
	code := "000000"
	for n := 0; slices.Contains([]string{p.code(at.Add(-30 * time.Second)), p.code(at), p.code(at.Add(30 * time.Second))}, code); n++ {
		code = strings.Repeat(string(rune('1'+n)), 6)
	}
	return code
}

// factors are a person who has a second factor.
type factors struct {
	*people
	*identity.SecondFactors
	phone phone
	codes []string
}

func setupFactors(t *testing.T) *factors {
	t.Helper()
	f := &factors{people: setupPeople(t)}
	f.SecondFactors = f.other()
	e, err := f.Enroll(t.Context(), f.ann, "ann@example.com")
	check(t, err)
	f.phone = phone{t, e.Secret}
	f.codes, err = f.Confirm(t.Context(), f.ann, f.phone.code(f.clock.Now()))
	check(t, err)
	f.clock.Advance(30 * time.Second)
	return f
}

// other is the second factors as another process sees them.
func (f *factors) other() *identity.SecondFactors {
	return identity.NewSecondFactors(f.pool, f.safe, f.clock.Now)
}

func (f *factors) token(t *testing.T) string {
	t.Helper()
	token, _, err := f.BeginSignIn(t.Context(), f.ann, f.org)
	check(t, err)
	return token
}

func (f *factors) give(t *testing.T, code string) error {
	t.Helper()
	in, err := f.FinishSignIn(t.Context(), f.token(t), code)
	if err == nil && (in.Person != f.ann || in.Org != f.org) {
		t.Errorf("%s was signed in to %s", in.Person, in.Org)
	}
	return err
}

func (f *factors) refuses(t *testing.T, code string, want error) {
	t.Helper()
	if err := f.give(t, code); !errors.Is(err, want) {
		t.Errorf("code %s: got %v, want %v", code, err, want)
	}
}

func TestASecondFactorIsConfirmedFirst(t *testing.T) {
	t.Parallel()
	p := setupPeople(t)
	s := identity.NewSecondFactors(p.pool, p.safe, p.clock.Now)
	if _, err := s.Confirm(t.Context(), p.ann, "123456"); !errors.Is(err, identity.ErrSecondFactorOff) {
		t.Errorf("confirmed what was never begun: %v", err)
	}
	first, err := s.Enroll(t.Context(), p.ann, "ann@example.com")
	check(t, err)
	second, err := s.Enroll(t.Context(), p.ann, "ann@example.com")
	check(t, err)
	if !strings.HasPrefix(second.URI, "otpauth://totp/Outrider:ann@example.com?") || !strings.Contains(second.URI, "secret="+second.Secret) {
		t.Errorf("URI %s", second.URI)
	}
	if len(p.safe.all) != 1 {
		t.Errorf("%d secrets are kept, not that of the second enrollment alone", len(p.safe.all))
	}
	if st, err := s.State(t.Context(), p.ann); err != nil || st.On {
		t.Errorf("it is on before a code was given: %+v, %v", st, err)
	}
	if _, err := s.Disable(t.Context(), p.ann, "123456"); !errors.Is(err, identity.ErrSecondFactorOff) {
		t.Errorf("turned off what wasn't on: %v", err)
	}
	now := p.clock.Now()
	if _, err := s.Confirm(t.Context(), p.ann, (phone{t, first.Secret}).code(now)); !errors.Is(err, identity.ErrCode) {
		t.Errorf("the first enrollment still counts: %v", err)
	}
	codes, err := s.Confirm(t.Context(), p.ann, (phone{t, second.Secret}).code(now))
	check(t, err)
	if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Errorf("recovery codes %q", codes)
	}
	if st, err := s.State(t.Context(), p.ann); err != nil || !st.On || st.RecoveryCodes != 10 {
		t.Errorf("state %+v, %v", st, err)
	}
	if _, err := s.Enroll(t.Context(), p.ann, "ann@example.com"); !errors.Is(err, identity.ErrSecondFactorOn) {
		t.Errorf("enrolled beside one that is on: %v", err)
	}
	if _, err := s.Confirm(t.Context(), p.ann, (phone{t, second.Secret}).code(now)); !errors.Is(err, identity.ErrSecondFactorOn) {
		t.Errorf("confirmed twice: %v", err)
	}
}

func TestACodeIsGoodOnceAndForAMinuteAndAHalf(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	now := f.clock.Now()
	f.refuses(t, f.phone.code(now.Add(-30*time.Second)), identity.ErrCode) // it confirmed the enrollment
	check(t, f.give(t, f.phone.code(now)))
	f.refuses(t, f.phone.code(now), identity.ErrCode)
	check(t, f.give(t, f.phone.code(now.Add(30*time.Second))))
	f.refuses(t, f.phone.code(now.Add(30*time.Second)), identity.ErrCode)
	f.clock.Advance(30 * time.Second)
	f.refuses(t, f.phone.code(f.clock.Now()), identity.ErrCode) // the step was used ahead of its time
	f.clock.Advance(5 * time.Minute)
	now = f.clock.Now()
	f.refuses(t, f.phone.code(now.Add(-time.Minute)), identity.ErrCode)
	f.refuses(t, f.phone.code(now.Add(time.Minute)), identity.ErrCode)
	check(t, f.give(t, f.phone.code(now.Add(-30*time.Second))))
	check(t, f.give(t, f.phone.code(now)))
}

func TestARecoveryCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	f.refuses(t, "aaaa-aaaa-aaaa-aaaa", identity.ErrCode)
	check(t, f.give(t, f.codes[0]))
	f.refuses(t, f.codes[0], identity.ErrCode)
	check(t, f.give(t, strings.ToUpper(strings.ReplaceAll(f.codes[1], "-", " "))))
	if st, err := f.State(t.Context(), f.ann); err != nil || st.RecoveryCodes != 8 {
		t.Errorf("state %+v, %v", st, err)
	}
	fresh, recovery, err := f.RenewRecoveryCodes(t.Context(), f.ann, f.codes[2])
	check(t, err)
	if len(fresh) != 10 || !recovery {
		t.Errorf("new codes %q, by a recovery code: %v", fresh, recovery)
	}
	f.refuses(t, f.codes[3], identity.ErrCode)
	check(t, f.give(t, fresh[3]))
	bob := uuid.New()
	check(t, f.Add(t.Context(), identity.Person{ID: bob, Email: "bob@example.com"}, "x"))
	e, err := f.Enroll(t.Context(), bob, "bob@example.com")
	check(t, err)
	theirs, err := f.Confirm(t.Context(), bob, (phone{t, e.Secret}).code(f.clock.Now()))
	check(t, err)
	f.refuses(t, theirs[0], identity.ErrCode)
	var stored int
	check(t, f.pool.QueryRow(t.Context(), `select count(*) from identity.recovery_codes where position($1::bytea in hash) > 0 or encode(hash, 'escape') like '%-%-%-%'`, []byte(fresh[0])).Scan(&stored))
	if stored != 0 {
		t.Error("recovery codes lie in the clear")
	}
}

// Of many who give one code at once, in two processes, one comes in.
func TestACodeIsGoodForOneOfMany(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	processes := []*identity.SecondFactors{f.SecondFactors, f.other()}
	for round := range 10 {
		code := f.phone.code(f.clock.Now())
		if round%2 == 1 {
			code = f.codes[round]
		}
		var in, throttled atomic.Int32
		var g sync.WaitGroup
		for i := range 8 {
			token := f.token(t)
			g.Go(func() {
				_, err := processes[i%2].FinishSignIn(t.Context(), token, code)
				var wait *identity.ThrottledError
				switch {
				case err == nil:
					in.Add(1)
				case errors.As(err, &wait):
					throttled.Add(1)
				case !errors.Is(err, identity.ErrCode):
					t.Error(err)
				}
			})
		}
		g.Wait()
		if in.Load() != 1 {
			t.Fatalf("round %d: %d came in by one code", round, in.Load())
		}
		f.clock.Advance(10 * time.Minute)
	}
}

func TestTheTokenOfASignInIsGoodOnce(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	token := f.token(t)
	if _, err := f.FinishSignIn(t.Context(), token, f.phone.wrongCode(f.clock.Now())); !errors.Is(err, identity.ErrCode) {
		t.Errorf("a wrong code: %v", err)
	}
	_, err := f.FinishSignIn(t.Context(), token, f.phone.code(f.clock.Now()))
	check(t, err)
	refuse := func(what, token string) {
		t.Helper()
		if _, err := f.FinishSignIn(t.Context(), token, f.codes[0]); !errors.Is(err, identity.ErrSignInStep) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refuse("used", token)
	refuse("none", "nonsense")
	forged := f.token(t)
	refuse("forged", forged[:len(forged)-4]+"aaaa")
	old := f.token(t)
	f.clock.Advance(5 * time.Minute)
	refuse("too old", old)
	before := f.token(t)
	check(t, f.SetPassword(t.Context(), f.ann, "another"))
	refuse("of the password before", before)
	last := f.token(t)
	_, err = f.Disable(t.Context(), f.ann, f.codes[1])
	check(t, err)
	refuse("of a factor that is off", last)
	if len(f.safe.all) != 0 {
		t.Error("the secret is kept")
	}
}

// Each wrong code beyond some costs more time, in all processes, and a right one ends that. It never costs more than some minutes.
func TestGuessingCodesIsSlowedDown(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	wrong := func() (wait time.Duration) {
		t.Helper()
		err := f.give(t, f.phone.wrongCode(f.clock.Now()))
		var throttled *identity.ThrottledError
		if errors.As(err, &throttled) {
			return throttled.Retry
		}
		if !errors.Is(err, identity.ErrCode) {
			t.Fatal(err)
		}
		return 0
	}
	for range 6 {
		if wait := wrong(); wait != 0 {
			t.Fatalf("one must wait %s after few wrong codes", wait)
		}
	}
	longest := time.Duration(0)
	for range 20 {
		wait := wrong()
		if wait == 0 {
			t.Fatal("one need not wait after many wrong codes")
		}
		var throttled *identity.ThrottledError
		if _, err := f.other().FinishSignIn(t.Context(), f.token(t), f.phone.code(f.clock.Now())); !errors.As(err, &throttled) {
			t.Fatalf("the right code within the wait: %v", err)
		}
		longest = max(longest, wait)
		f.clock.Advance(wait)
		if wait := wrong(); wait != 0 {
			t.Fatalf("one must wait %s after the wait", wait)
		}
	}
	if longest < time.Minute || longest > 5*time.Minute+2*time.Second {
		t.Errorf("the longest wait was %s", longest)
	}
	f.clock.Advance(longest)
	check(t, f.give(t, f.phone.code(f.clock.Now())))
	if wait := wrong() + wrong(); wait != 0 {
		t.Errorf("a right code has forgotten nothing: %s", wait)
	}
}

// What organisations are to be told is written down with what happened, and told once.
func TestWhatHistoriesAreToldOfASecondFactor(t *testing.T) {
	t.Parallel()
	f := setupFactors(t)
	other := uuid.New()
	check(t, f.SetMembership(t.Context(), other, f.ann, identity.RoleOwner, 1))
	check(t, f.SetMembership(t.Context(), uuid.New(), f.ann, "", 1)) // not any more
	check(t, f.give(t, f.codes[0]))
	list, err := f.Untold(t.Context(), f.ann, 0)
	check(t, err)
	told := map[uuid.UUID][]identity.FactorChange{}
	for _, u := range list {
		told[u.Org] = append(told[u.Org], u.Change)
		check(t, f.Told(t.Context(), u.ID))
	}
	if len(told) != 2 || !slices.Equal(told[f.org], []identity.FactorChange{"turned_on", "recovery_code_used"}) || !slices.Equal(told[other], []identity.FactorChange{"recovery_code_used"}) {
		t.Errorf("told: %v", told)
	}
	_, err = f.Disable(t.Context(), f.ann, f.phone.code(f.clock.Now()))
	check(t, err)
	for waited, want := range map[time.Duration]int{0: 2, time.Minute: 0} {
		if list, err := f.Untold(t.Context(), uuid.Nil, waited); err != nil || len(list) != want {
			t.Errorf("%d wait for %s to be told, %v", len(list), waited, err)
		}
	}
}
