package providertest

import (
	"net/http"
	"strings"
	"testing"
)

// elsewhere is a host that belongs to no provider.
const elsewhere = "elsewhere.invalid"

// redirectChecks send every endpoint's caller to another host, which must not be called.
func (s *suite) redirectChecks(targets []target) []check {
	var all []check
	for _, g := range targets {
		for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
			all = append(all, check{
				name: "redirect/" + http.StatusText(status) + "/" + g.shape,
				run:  func(t testing.TB) { s.redirect(t, &g, status) },
			})
		}
	}
	return all
}

func (s *suite) redirect(t testing.TB, g *target, status int) {
	x := s.open(t, setup{})
	x.tap.stand = func(now *exchange, _ []*exchange) (*http.Response, []byte) {
		if now.place() != g.call {
			return nil, nil
		}
		h := http.Header{"Location": {"https://" + elsewhere + g.call.path}}
		return &http.Response{StatusCode: status, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
	}
	out := x.do(t.Context(), g.task)
	for _, e := range x.tap.exchanges() {
		if strings.HasSuffix(e.host, elsewhere) {
			t.Errorf("%s: followed a redirect to another host, with credential %v", g.name, e.header["Authorization"] != nil)
		}
	}
	if out.complete() && !out.same(g.clean) {
		t.Errorf("%s: no error, and %d rows where a clean run has %d", g.name, len(out.rows()), g.found())
	}
	x.close()
}
