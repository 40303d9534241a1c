package doctor

import (
	"bytes"
	"strings"
	"testing"

	"outrider/internal/app/node"
	"outrider/internal/blob/s3test"
)

// The doctor tells a missing bucket, a wrong secret and a wrong region apart, against a store that others have written.
func TestTheDoctorSaysWhatIsWrongWithAStore(t *testing.T) {
	g := s3test.Start(t)
	for _, c := range []struct{ what, bucket, region, secret, want string }{
		{"all is right", s3test.Bucket, s3test.Region, "", "ok    blobs"},
		{"no such bucket", "missing", s3test.Region, "", "there is no such bucket"},
		{"another region", s3test.Bucket, "eu-central-1", "", "the region is wrong"},
		{"another secret", s3test.Bucket, s3test.Region, "wrong", "the secret key (AWS_SECRET_ACCESS_KEY) is wrong"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s3test.Credentials(t, "", c.secret)
			p := &Installation{Addresses: node.Addresses{Blobs: g.Location(c.bucket, c.region)}}
			for _, check := range p.Checks() {
				if check.name != "blobs" {
					continue
				}
				var said bytes.Buffer
				if failed := Examine(t.Context(), &said, []Check{check}); (failed == 0) != (c.secret == "" && c.bucket == s3test.Bucket && c.region == s3test.Region) || !strings.Contains(said.String(), c.want) {
					t.Errorf("it says %s", &said)
				}
			}
		})
	}
}
