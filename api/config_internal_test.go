package api

import (
	"strings"
	"testing"

	"outrider/internal/linktoken"
)

func TestWhatIsMissingIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Signer: &linktoken.Signer{}, Checks: []HealthCheck{{Name: "x"}}})
	if err == nil {
		t.Fatal("an empty configuration is taken")
	}
	for _, name := range []string{"Commands", "Partitions", "Positions", "Pool", "Keys", "Slugs", "Vault", "Plans", "BaseURL", "check"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s isn't named in: %v", name, err)
		}
	}
}
