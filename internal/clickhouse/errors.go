package clickhouse

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"

	"outrider/internal/ratelimit"
)

// passingCodes are the errors of ClickHouse that are about the moment, or about a bound, and not about the statement
// (https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp): too many rows, time, too slow, no memory to be had, quota, too many queries, no connection,
// sockets and network, aborted, memory limit, no space, too many parts, no connection to others, too many bytes, cancelled, too many rows or bytes, no thread to be had, deadlock, overloaded.
func passingCodes() []int32 {
	return []int32{158, 159, 160, 173, 201, 202, 203, 209, 210, 236, 241, 243, 252, 279, 307, 394, 396, 439, 473, 745}
}

// Unavailable tells that ClickHouse is away, or that a query has met one of its bounds, from trouble with a statement.
func Unavailable(err error) bool {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return slices.Contains(passingCodes(), exception.Code)
	}
	var answer *clickhouse.HTTPError
	if errors.As(err, &answer) { // of somebody before it, a proxy
		return answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusRequestTimeout || answer.StatusCode == http.StatusTooManyRequests
	}
	var network net.Error
	if errors.As(err, &network) {
		return true
	}
	return slices.ContainsFunc([]error{ratelimit.ErrBusy, clickhouse.ErrAcquireConnTimeout, clickhouse.ErrAcquireConnNoAddress, clickhouse.ErrConnectionClosed, sqldriver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF,
		context.DeadlineExceeded, context.Canceled}, func(e error) bool { return errors.Is(err, e) })
}
