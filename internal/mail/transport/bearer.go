package transport

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Mechanisms that sign in by an access token: the standard's (RFC 7628) and the one that Google and Microsoft had before.
const (
	OAuthBearer = "OAUTHBEARER"
	XOAuth2     = "XOAUTH2"
)

// ChooseBearer returns the mechanism to sign in with by a token, of those that a server offers; "" = it offers none.
func ChooseBearer(offered []string) string {
	for _, m := range []string{XOAuth2, OAuthBearer} { // both big providers know the first; some that offer both keep only that one well
		if slices.ContainsFunc(offered, func(o string) bool { return strings.EqualFold(o, m) }) {
			return m
		}
	}
	return ""
}

// BearerResponse is what signs in, in plain text. It is sent when the server asks for it, not with the command: with a token of usual length that line would be longer than servers must take.
func BearerResponse(mechanism string, a ServerLogin) (string, error) {
	if strings.ContainsAny(a.Username+a.Password, "\x00\x01\r\n") || a.Password == "" {
		return "", errors.New("the user or the token can't be sent")
	}
	if mechanism == XOAuth2 {
		return "user=" + a.Username + "\x01auth=Bearer " + a.Password + "\x01\x01", nil
	}
	user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(a.Username)
	return "n,a=" + user + ",\x01host=" + a.Host + "\x01port=" + strconv.Itoa(a.Port) + "\x01auth=Bearer " + a.Password + "\x01\x01", nil
}

// BearerAbort is what is answered when a server says why it refuses: only then does it end the sign-in.
func BearerAbort(mechanism string) string {
	if mechanism == OAuthBearer {
		return "\x01" // RFC 7628, 3.2.3
	}
	return ""
}
