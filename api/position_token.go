package api

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"sync/atomic"

	"outrider/internal/es"
	"outrider/internal/pii"
)

// positionTokens makes and reads what callers know positions by. A keyed hash stands at the end of each, so that only what the API has said is waited for:
// nobody makes reads wait for a write that never was.
type positionTokens struct {
	vault *pii.Vault
	key   atomic.Pointer[pii.Hasher]
}

var errNoToken = errors.New("not a position of this API")

func (p *positionTokens) seal(ctx context.Context, at es.Position) (string, error) {
	mac, err := p.macOf(ctx, at)
	return at.String() + "." + mac, err
}

func (p *positionTokens) open(ctx context.Context, token string) (es.Position, error) {
	end := strings.LastIndexByte(token, '.')
	at, err := es.ParsePosition(token[:max(end, 0)])
	if err != nil {
		return at, errNoToken
	}
	mac, err := p.macOf(ctx, at)
	if err != nil {
		return at, err
	}
	if token != at.String()+"."+mac {
		return at, errNoToken
	}
	return at, nil
}

func (p *positionTokens) macOf(ctx context.Context, at es.Position) (string, error) {
	key := p.key.Load()
	if key == nil {
		var err error
		if key, err = p.vault.Hasher(ctx, es.SystemOrg); err != nil {
			return "", err
		}
		p.key.Store(key)
	}
	mac := key.Fingerprint([]byte("position\x00" + at.String()))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, mac)), nil
}
