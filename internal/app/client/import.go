package client

// Import is what the api says of an import.
type Import struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	Reason     string `json:"reason"`
	Rows       int64  `json:"rows"`
	Created    int64  `json:"created"`
	Updated    int64  `json:"updated"`
	Duplicates int64  `json:"duplicates"`
	Rejected   int64  `json:"rejected"`
}
