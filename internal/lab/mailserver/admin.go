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

// serveAdmin offers POST /accounts (a JSON array), GET /messages?address=ADDR (a JSON array of what is in its inbox), both with "Authorization: Bearer
// <Options.AdminToken>", and GET /health.
func (s *Instance) serveAdmin(l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /messages", s.asAdmin(s.writeMessages))
	mux.HandleFunc("POST /accounts", s.asAdmin(func(w http.ResponseWriter, r *http.Request) {
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
	}))
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

func (s *Instance) asAdmin(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if token := "Bearer " + s.options.AdminToken; s.options.AdminToken == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(token)) != 1 {
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		serve(w, r)
	}
}

func (s *Instance) writeMessages(w http.ResponseWriter, r *http.Request) {
	a := s.Account(r.URL.Query().Get("address"))
	if a == nil {
		http.Error(w, "no such mailbox", http.StatusNotFound)
		return
	}
	messages, err := a.Messages(Inbox)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	texts := make([]string, 0, len(messages))
	for _, m := range messages {
		texts = append(texts, string(m))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(texts) // a client that has gone
}
