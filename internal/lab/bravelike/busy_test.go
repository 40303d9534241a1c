package bravelike_test

import (
	"net/http"

	"outrider/internal/lab/bravelike"
)

// busyAfter lets so many searches through; then the stand-in is busy.
func busyAfter(s *bravelike.Server, searches int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(s.Asked()) >= searches {
			s.Set(bravelike.Busy, 0)
		}
		s.ServeHTTP(w, r)
	})
}
