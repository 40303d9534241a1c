package mailoauth

import "strings"

// Explain says in plain words why a mail server refused a sign-in by token, and what helps; "" = it isn't known. Three things look alike there: a token that doesn't count any more, one that is of
// another account or for less, and a mailbox whose owner has switched the protocol off.
func Explain(code int, enhanced, text string) string {
	said := strings.ToLower(text)
	switch {
	case strings.Contains(said, "smtpclientauthentication is disabled") || enhanced == "5.7.139" || enhanced == "5.7.30" || strings.Contains(said, "basic authentication is disabled"):
		return "SMTP sign-in is switched off for this mailbox; an administrator switches \"Authenticated SMTP\" on in the Microsoft 365 admin centre"
	case strings.Contains(said, "authenticated but not connected"):
		return "the sign-in is of another account than this mailbox, or IMAP is switched off for it; sign in as the mailbox itself"
	case enhanced == "5.7.3":
		return "the sign-in is of another account than this mailbox, or doesn't allow sending; sign in as the mailbox itself and allow all that is asked for"
	case code == 535 || enhanced == "5.7.8" || strings.Contains(said, "invalid credentials") || strings.Contains(said, "authenticationfailed"):
		return "the permission isn't taken any more; sign in again"
	}
	return ""
}
