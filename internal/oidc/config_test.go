package oidc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"outrider/internal/oidc"
)

func TestConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	check(t, os.WriteFile(file, []byte("s3cret\n"), 0o600))
	t.Setenv("OUTRIDER_TEST_SECRET", "from the environment")
	c, err := oidc.ParseConfig("acme=https://acme.example.com/,kind=auth0,client-id=id,client-secret-file=" + file + ",audience=a|b,scopes=offline_access,organization-claim=org")
	if err != nil || c.Name != "acme" || c.Issuer != "https://acme.example.com/" || c.Kind != oidc.Auth0 || c.ClientSecret != "s3cret" || len(c.Audiences) != 2 || !c.TakesTokens() || c.OrganizationClaim != "org" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := oidc.ParseConfig("google=https://accounts.example.com,client-id=id,client-secret-env=OUTRIDER_TEST_SECRET"); err != nil || c.ClientSecret != "from the environment" || c.TakesTokens() {
		t.Errorf("%+v, %v", c, err)
	}
	for spec, says := range map[string]string{
		"https://x.example.com,audience=a":                              "a name has",
		"Acme=https://x.example.com,audience=a":                         "a name has",
		"a=nowhere,audience=a":                                          "is no issuer",
		"a=http://x.example.com,audience=a":                             "https://",
		"a=https://u:p@x.example.com,audience=a":                        "is no issuer",
		"a=https://x.example.com?x=y,audience=a":                        "is no issuer",
		"a=https://x.example.com":                                       "needs client-id",
		"a=https://x.example.com,kind=clerk,audience=a":                 "authorized-party",
		"a=https://x.example.com,kind=auth0":                            "needs audience",
		"a=https://x.example.com,kind=okta,audience=a":                  "kind is",
		"a=https://x.example.com,audience=":                             "isn't key=value",
		"a=https://x.example.com,client-secret=s,client-id=i":           "there is no option", // it would be in every list of processes
		"a=https://x.example.com,client-id=i,client-secret-file=/no":    "client-secret-file",
		"a=https://x.example.com,client-id=i,client-secret-env=NO_NO":   "is empty",
		"a=https://x.example.com,audience=a,private=no":                 "private is yes",
		"a=https://x.example.com,audience=a,client-secret-file=" + file: "comes with client-id",
	} {
		if _, err := oidc.ParseConfig(spec); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", spec, err, says)
		}
	}
}
