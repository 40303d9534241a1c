package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// code is what somebody's program shows now.
func (w *world) code(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.clock.now())
	check(w.t, err)
	return code
}

// turnOnFactor returns the secret and the recovery codes; the next code is good.
func (m *signedInMember) turnOnFactor() (secret string, recovery []string) {
	m.t.Helper()
	secret = m.ok("POST", "/v1/auth/totp/enroll", obj{"password": password}).text("secret")
	for _, c := range m.ok("POST", "/v1/auth/totp/confirm", obj{"code": m.code(secret)}).list("recovery_codes") {
		recovery = append(recovery, c.(string))
	}
	m.clock.forward(time.Minute)
	return secret, recovery
}

// firstStep gives the right password of who has a second factor.
func (w *world) firstStep(email string) (token string) {
	w.t.Helper()
	a := w.nobody().refused(401, "second_factor_required", "POST", "/v1/auth/sign-in", obj{"email": email, "password": password})
	if cookieIn(a, "outrider_access") != "" || a.text("expires_at") == "" {
		w.t.Errorf("half a sign-in: %v %s", a.header, a.body)
	}
	return a.text("second_factor_token")
}

// toldOfFactor waits until the organisation's history tells of changes of a second factor.
func (m *signedInMember) toldOfFactor(want ...string) {
	m.t.Helper()
	var told []string
	for late := time.Now().Add(2 * time.Minute); len(told) < len(want) && time.Now().Before(late); {
		rows, err := m.db.Pools.Projector.Query(m.t.Context(), `select detail->>'change' from read.timeline where type = 'member.second_factor_changed.v1' and org_id = $1 order by oseq`, m.org)
		check(m.t, err)
		told = nil
		for rows.Next() {
			var change string
			check(m.t, rows.Scan(&change))
			told = append(told, change)
		}
		check(m.t, rows.Err())
	}
	if !slices.Equal(told, want) {
		m.t.Errorf("the history tells %q, want %q", told, want)
	}
}

func TestSomebodySignsInByTwoFactors(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	before := w.signIn("ann@example.com")
	ann.refused(422, "invalid", "POST", "/v1/auth/totp/enroll", obj{"password": "wrong wrong wrong"})
	ann.refused(409, "wrong_status", "POST", "/v1/auth/totp/confirm", obj{"code": "123456"})
	begun := ann.ok("POST", "/v1/auth/totp/enroll", obj{"password": password})
	if !strings.HasPrefix(begun.text("uri"), "otpauth://totp/") {
		t.Errorf("enrollment: %s", begun.body)
	}
	w.signIn("ann@example.com") // nothing is asked for yet
	secret, recovery := ann.turnOnFactor()
	if me := ann.ok("GET", "/v1/me", nil); me.json["second_factor"] != true || me.json["recovery_codes_left"] != 10.0 {
		t.Errorf("me: %s", me.body)
	}
	before.refused(401, "unauthenticated", "GET", "/v1/me", nil) // it was begun without a code

	token := w.firstStep("ann@example.com")
	w.nobody().refused(401, "unauthenticated", "GET", "/v1/me", nil, "Authorization", "Bearer "+token)
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": "aaaa-aaaa-aaaa-aaaa"})
	again := w.signedIn(w.nobody().do("POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": w.code(secret)}))
	if again.person != ann.person || again.org != ann.org {
		t.Errorf("signed in as %s in %s", again.person, again.org)
	}
	again.ok("GET", "/v1/me", nil)
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": recovery[0]}) // the token was used
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/second-factor", obj{"second_factor_token": w.firstStep("ann@example.com"), "code": w.code(secret)})
	w.signedIn(w.nobody().do("POST", "/v1/auth/second-factor", obj{"second_factor_token": w.firstStep("ann@example.com"), "code": recovery[0]}))
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/second-factor", obj{"second_factor_token": w.firstStep("ann@example.com"), "code": recovery[0]})

	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": "wrong wrong wrong"}) // it says nothing of codes
	w.nobody().do("POST", "/v1/auth/forgot-password", obj{"email": "ann@example.com"})
	w.nobody().ok("POST", "/v1/auth/reset-password", obj{"token": w.mails.token(t, "ann@example.com"), "password": password})
	token = w.firstStep("ann@example.com") // whoever reads the mail still lacks the code
	w.clock.forward(time.Minute)
	last := w.signedIn(w.nobody().do("POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": w.code(secret)}))

	last.refused(422, "invalid", "POST", "/v1/auth/recovery-codes", obj{"password": password, "code": w.code(secret)}) // used just now
	renewed := last.ok("POST", "/v1/auth/recovery-codes", obj{"password": password, "code": recovery[1]})
	last.refused(422, "invalid", "POST", "/v1/auth/totp/disable", obj{"password": password, "code": recovery[2]})
	last.refused(422, "invalid", "POST", "/v1/auth/totp/disable", obj{"password": "wrong wrong wrong", "code": renewed.list("recovery_codes")[0].(string)})
	last.ok("POST", "/v1/auth/totp/disable", obj{"password": password, "code": renewed.list("recovery_codes")[0].(string)})
	last.refused(409, "wrong_status", "POST", "/v1/auth/totp/disable", obj{"password": password, "code": renewed.list("recovery_codes")[1].(string)})
	w.signIn("ann@example.com")

	ann.toldOfFactor("turned_on", "recovery_code_used", "recovery_code_used", "recovery_codes_renewed", "recovery_code_used", "turned_off")
	var subjects []string
	for _, m := range w.mails.to("ann@example.com") {
		subjects = append(subjects, m.Subject)
	}
	for _, want := range []string{"Signing in asks for a code now", "A recovery code was used"} {
		if !slices.Contains(subjects, want) {
			t.Errorf("she was mailed %q, and not %q", subjects, want)
		}
	}
}

// Who has the password and guesses at codes is slowed down, and the person hears of it.
func TestGuessingCodesIsSlowAndKnown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	secret, _ := ann.turnOnFactor()
	token := w.firstStep("ann@example.com")
	for range 6 {
		w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": "aaaa-aaaa-aaaa-aaaa"})
	}
	a := w.nobody().refused(429, "rate_limited", "POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": w.code(secret)})
	if a.header.Get("Retry-After") == "" {
		t.Error("it doesn't say when to try again")
	}
	mails := w.mails.to("ann@example.com")
	if last := mails[len(mails)-1]; last.Subject != "Somebody knows your password" {
		t.Errorf("she was mailed %q last", last.Subject)
	}
	w.clock.forward(time.Minute)
	w.signedIn(w.nobody().do("POST", "/v1/auth/second-factor", obj{"second_factor_token": token, "code": w.code(secret)}))
}

// What the log could not take is told later, once.
func TestAHistoryIsToldLate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	factors := w.cfg.SignIn.SecondFactors
	e, err := factors.Enroll(t.Context(), ann.person, "ann@example.com")
	check(t, err)
	_, err = factors.Confirm(t.Context(), ann.person, w.code(e.Secret)) // as if the process had died before it told
	check(t, err)
	for range 2 {
		check(t, w.servers[0].TellSecondFactors(t.Context(), 0))
	}
	ann.toldOfFactor("turned_on")
	if left, err := factors.Untold(t.Context(), ann.person, 0); err != nil || len(left) != 0 {
		t.Errorf("still to be told: %v, %v", left, err)
	}
}
