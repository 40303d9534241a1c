package demo

import (
	"net/http"
	"time"

	"outrider/internal/app/client"
	"outrider/internal/lab/mailserver/loopback"
)

// apiPatience is how long, in real time, one request is tried: a server that was killed is back by then.
const apiPatience = 90 * time.Second

// NewAPI speaks to the API at a loopback URL with a key, as a user with patience: also over a kill of the server.
func NewAPI(url, key string) *client.Client {
	return client.Open(url, key, client.Patient{For: apiPatience,
		HTTP: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: loopback.Dialer().DialContext}}})
}
