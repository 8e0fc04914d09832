package httpx_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/httpx"
)

// benchBody is an answer of about 1.5 KB.
func benchBody() []byte {
	out := []byte(`{"items":[`)
	for i := range 20 {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"id":"i-0123456789abcdef","name":"web-server","state":"running","gpu":null}`...)
	}
	return append(out, "]}"...)
}

// BenchmarkChain sends the same call over loopback TLS through the chain and through a bare client, turn by turn; the
// ratio says what the chain costs.
func BenchmarkChain(b *testing.B) {
	body := benchBody()
	s := serve(b, options{h1: true}, func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write(body) })
	p := quick()
	p.Limits = []httpx.Limit{
		{Name: "all", Events: 1e9, Per: time.Second}, {Name: "things", Match: httpx.Pattern{Path: "/thing*"}, Events: 1e9, Per: time.Second},
	}
	clients := []*http.Client{{Transport: s.transport}, httpx.NewClient(s.transport, p)}
	var took [2]time.Duration
	for b.Loop() {
		for i, client := range clients {
			started := time.Now()
			req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://"+host+"/thing", nil)
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			took[i] += time.Since(started)
		}
	}
	b.ReportMetric(float64(took[1])/float64(took[0]), "chain/bare")
	b.ReportMetric(float64(took[1]-took[0])/float64(b.N), "overhead-ns/op")
}

// BenchmarkChainAlone is the chain without a network.
func BenchmarkChainAlone(b *testing.B) {
	p := quick()
	p.Limits = []httpx.Limit{{Name: "all", Events: 1e9, Per: time.Second}}
	rt := httpx.NewClient(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
	}), p).Transport
	req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://"+host+"/thing", nil)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := rt.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}
