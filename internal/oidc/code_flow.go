package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

// ErrRefused: the provider has answered, and with it nobody is signed in.
var ErrRefused = errors.New("the identity provider didn't sign anybody in")

// Attempt is a sign-in that has begun. All of it is secret.
type Attempt struct{ State, Nonce, Verifier string }

func (p *Provider) flow(found *coreos.Provider, redirect string) oauth2.Config {
	end := found.Endpoint()
	if p.ClientSecret == "" {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	return oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: end, RedirectURL: redirect,
		Scopes: append([]string{coreos.ScopeOpenID, "email", "profile"}, p.Scopes...)}
}

// Begin returns where the browser goes. ErrUnavailable.
func (p *Provider) Begin(ctx context.Context, redirect string) (to string, a Attempt, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", a, err
	}
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	flow := p.flow(found, redirect)
	return flow.AuthCodeURL(a.State, coreos.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// Finish trades the code for who has signed in. ErrRefused, ErrUnavailable.
func (p *Provider) Finish(ctx context.Context, redirect, code string, a Attempt) (Claims, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Claims{}, err
	}
	ctx = coreos.ClientContext(ctx, p.client)
	flow := p.flow(found, redirect)
	got, err := flow.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return Claims{}, fmt.Errorf("%w: token endpoint: %s", ErrRefused, refused.ErrorCode)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("%w: token endpoint: %w", ErrUnavailable, err)
	}
	text, _ := got.Extra("id_token").(string)
	raw, err := p.checkIDToken(ctx, text, a, got.AccessToken)
	if err != nil {
		return Claims{}, err
	}
	if raw["email"] == nil {
		if err := p.addUserInfo(ctx, found, got, raw); err != nil {
			return Claims{}, err
		}
	}
	c, ok := p.claimsOf(raw)
	if !ok {
		return Claims{}, fmt.Errorf("%w: its token names nobody", ErrRefused)
	}
	return c, nil
}

func (p *Provider) checkIDToken(ctx context.Context, text string, a Attempt, access string) (jwt.MapClaims, error) {
	if text == "" || len(text) > maxToken {
		return nil, fmt.Errorf("%w: it answers without an id_token", ErrRefused)
	}
	id, err := coreos.NewVerifier(p.Issuer, idTokenKeys{p}, &coreos.Config{ClientID: p.ClientID, SupportedSigningAlgs: methods(), Now: p.now}).Verify(ctx, text)
	if errors.Is(err, ErrUnavailable) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: id_token: %w", ErrRefused, err)
	}
	if a.Nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: its token is for another sign-in", ErrRefused)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(access); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	raw := jwt.MapClaims{}
	if err := id.Claims(&raw); err != nil {
		return nil, fmt.Errorf("%w: id_token: %w", ErrRefused, err)
	}
	if party := textOf(raw, "azp"); party != "" && party != p.ClientID {
		return nil, fmt.Errorf("%w: its token is for somebody else", ErrRefused)
	}
	return raw, nil
}

// addUserInfo asks for what the token doesn't say.
func (p *Provider) addUserInfo(ctx context.Context, found *coreos.Provider, got *oauth2.Token, raw jwt.MapClaims) error {
	if found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(got))
	if err != nil {
		return fmt.Errorf("%w: userinfo: %w", ErrUnavailable, err)
	}
	if info.Subject != textOf(raw, "sub") { // OpenID Connect Core 5.3.2
		return fmt.Errorf("%w: userinfo is of somebody else", ErrRefused)
	}
	more := jwt.MapClaims{}
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("%w: userinfo: %w", ErrRefused, err)
	}
	for name, value := range more {
		if _, said := raw[name]; !said {
			raw[name] = value
		}
	}
	return nil
}

// idTokenKeys lets go-oidc check signatures by our keys, of which strangers can't make it fetch more.
type idTokenKeys struct{ p *Provider }

// VerifySignature is coreos.KeySet's.
func (k idTokenKeys) VerifySignature(ctx context.Context, text string) ([]byte, error) {
	_, err := jwt.NewParser(jwt.WithValidMethods(methods()), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding()).Parse(text, k.p.keyfunc.KeyfuncCtx(ctx))
	if err != nil {
		return nil, fmt.Errorf("check signature: %w", err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	if err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	return payload, nil
}
