package httpx

import (
	"net"
	"net/http"
	"time"
)

// What one HTTP/2 answer, and all answers of one connection together, may hold in memory before they are read. The
// library's own 4 MiB and 1 GiB are for servers that are far away and few; with 50 calls at once they are most of the
// memory of a run, and what the clouds send is compressed: a page fits.
const (
	streamBuffer     = 64 << 10
	connectionBuffer = 256 << 10
)

// NewTransport returns the one transport of a process: the environment's proxy, the system's roots, and enough kept
// connections for calls in parallel.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          200,
		MaxIdleConnsPerHost:   50,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		ResponseHeaderTimeout: answerTimeout,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: streamBuffer, MaxReceiveBufferPerConnection: connectionBuffer,
		},
	}
}
