package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// ErrPassword: too short, too long, or easily guessed.
var ErrPassword = errors.New("a password has 10 to 200 characters, and isn't the address")

// passwordParams are those of new hashes; one with less is made anew when its person signs in. OWASP's first choice for argon2id.
func passwordParams() *argon2id.Params {
	return &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// passwords hashes and checks passwords, a few at a time: each takes 19 MiB and a core for some hundredths of a second.
type passwords struct {
	turns  chan struct{}
	unused func() (string, error) // a hash that fits no password, for who has none
	done   atomic.Int64           // hashes so far
}

func newPasswords() *passwords {
	return &passwords{turns: make(chan struct{}, 4), unused: sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody's", passwordParams()) })}
}

// CheckPassword reports whether a password may be one, with ErrPassword.
func CheckPassword(password, email string) error {
	if n := utf8.RuneCountInString(password); n < 10 || n > 200 || strings.EqualFold(password, email) {
		return ErrPassword
	}
	return nil
}

func (p *passwords) waitTurn(ctx context.Context) (done func(), err error) {
	select {
	case p.turns <- struct{}{}:
		return func() { <-p.turns }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *passwords) hashPassword(ctx context.Context, password string) (string, error) {
	done, err := p.waitTurn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	p.done.Add(1)
	hash, err := argon2id.CreateHash(password, passwordParams())
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// matchPassword takes as long for who has no hash (""). weak says that the hash has lesser parameters than new ones have.
func (p *passwords) matchPassword(ctx context.Context, password, hash string) (ok, weak bool, err error) {
	known := hash != ""
	unused, err := p.unused() // by everybody, as it takes long the first time
	if err != nil {
		return false, false, fmt.Errorf("hash password: %w", err)
	}
	if !known {
		hash = unused
	}
	done, err := p.waitTurn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	p.done.Add(1)
	ok, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	now := passwordParams()
	return ok && known, params.Memory < now.Memory || params.Iterations < now.Iterations || params.KeyLength < now.KeyLength, nil
}
