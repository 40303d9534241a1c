package mailserver

import (
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// newAccount is the body of POST /accounts: mailboxes to make. 204: all of them are there; 422: one of them can't be, see the text.
type newAccount struct {
	Address  string `json:"address"`
	Password string `json:"password"`
}

// serveAdmin offers POST /accounts (a JSON array; "Authorization: Bearer <Options.AdminToken>") and GET /health.
func (s *Instance) serveAdmin(l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /accounts", func(w http.ResponseWriter, r *http.Request) {
		if token := "Bearer " + s.options.AdminToken; s.options.AdminToken == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(token)) != 1 {
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		var all []newAccount
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<20)).Decode(&all); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, a := range all {
			if err := s.AddAccount(a.Address, a.Password); err != nil {
				http.Error(w, err.Error(), http.StatusUnprocessableEntity)
				return
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	h := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	s.serving.Add(2)
	go func() {
		defer s.serving.Done()
		_ = h.Serve(l) // ends with Close
	}()
	go func() {
		defer s.serving.Done()
		<-s.life.Done()
		_ = h.Close()
	}()
}
