package es_test

import (
	"testing"
	"time"

	"outrider/internal/es"
)

func TestOnlyOneSpellingOfAnIDIsUnderstood(t *testing.T) {
	t.Parallel()
	nonce := es.NewID()
	for spelling, ok := range map[string]bool{nonce.String(): true, "urn:uuid:" + nonce.String(): false, "{" + nonce.String() + "}": false,
		nonce.String()[:8] + nonce.String()[9:13] + nonce.String()[14:18] + nonce.String()[19:23] + nonce.String()[24:]: false} {
		r := es.FenceRecord(0, 1, nonce, time.Now())
		for i := range r.Headers {
			if r.Headers[i].Key == "ce_id" {
				r.Headers[i].Value = []byte(spelling)
			}
		}
		if _, err := es.ParseLog(r); (err == nil) != ok {
			t.Errorf("%s: %v", spelling, err)
		}
	}
}
