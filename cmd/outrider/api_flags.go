package main

import (
	"errors"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

// APIAccess says which API a command speaks to.
type APIAccess struct {
	URL string `help:"Address of the API; default: that of the 'outrider dev' running on --data." placeholder:"URL"`
	Key string `help:"API key." placeholder:"KEY"`
}

// newClient fills what was not given from the `outrider dev` on the data folder; platform lets it use the operator's key.
func (s APIAccess) newClient(f *node.Folder, platform bool) (*client.Client, error) {
	if s.URL != "" && s.Key != "" {
		return client.Open(s.URL, s.Key, nil), nil
	}
	r, err := node.FindRunning(f.Data)
	if err != nil {
		return nil, err
	}
	if s.URL == "" {
		s.URL = r.URL
	}
	if s.Key == "" && platform {
		s.Key = r.PlatformKey
	}
	if s.Key == "" {
		return nil, errors.New("name an API key of the organisation with --key or OUTRIDER_KEY")
	}
	return client.Open(s.URL, s.Key, nil), nil
}
