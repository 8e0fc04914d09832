package httpx_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

func TestOnlyReadsOfOwnHostsLeave(t *testing.T) {
	t.Parallel()
	p := quick()
	p.Queries = []httpx.Pattern{{Method: http.MethodPost, Host: "api." + host, Path: "/v1/*/search"}}
	for _, c := range []struct {
		method, url string
		sent        bool
	}{
		{"GET", "https://example.com/a", true},
		{"HEAD", "https://example.com/a", true},
		{"", "https://eu.example.com/a", true},
		{"POST", "https://api.example.com/v1/x/search", true},
		{"POST", "https://example.com/v1/x/search", false},
		{"POST", "https://api.example.com/v1/x/delete", false},
		{"PUT", "https://api.example.com/v1/x/search", false},
		{"DELETE", "https://example.com/a", false},
		{"PATCH", "https://example.com/a", false},
		{"GET", "https://example.com.evil.org/a", false},
		{"GET", "https://evil.org/example.com", false},
		{"GET", "https://example.com@evil.org/", false},
	} {
		t.Run(c.method+" "+c.url, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, "{}") })
			_, err := s.api(p).Do(t.Context(), httpx.Call{Op: "call", Method: c.method, Path: c.url}, nil)
			if n := len(s.arrivals()); (n == 1) != c.sent || (err == nil) != c.sent {
				t.Errorf("%d calls arrived, error %v, want sent=%v", n, err, c.sent)
			}
			if !c.sent {
				wantKind(t, err, cloud.KindConfig)
			}
		})
	}
}

// closing reports whether a request's body was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestARefusedRequestIsClosed(t *testing.T) {
	t.Parallel()
	body := &closing{Reader: strings.NewReader("x")}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://evil.org", body)
	if _, err := httpx.NewClient(nil, quick()).Transport.RoundTrip(req); err == nil || !body.closed {
		t.Errorf("got error %v, body closed %v, want an error and true", err, body.closed)
	}
}

func TestRedirectsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, to string
		status   int
		followed bool
	}{
		{"same host", "/new", 302, true},
		{"same host, whole", "https://" + host + "/new", 308, true},
		{"own host but another", "https://eu." + host + "/new", 302, false},
		{"foreign host", "https://evil.org/new", 307, false},
		{"without TLS", "http://" + host + "/new", 301, false},
		{"another port", "https://" + host + ":444/new", 301, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, _ int) {
				if r.URL.Path == "/new" {
					answer(w, 200, `{"name":"new"}`)
					return
				}
				http.Redirect(w, r, c.to, c.status)
			})
			got, err := get(t.Context(), s.api(quick()))
			a := s.arrivals()
			if !c.followed {
				wantKind(t, err, cloud.KindResponse)
				if len(a) != 1 {
					t.Errorf("followed to %+v", a[1:])
				}
				return
			}
			if err != nil || got["name"] != "new" || a[1].auth == "" {
				t.Errorf("got %v, %v, credential %q", got, err, a[1].auth)
			}
		})
	}
}

func TestRedirectsEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, n int) {
		http.Redirect(w, r, fmt.Sprintf("/%d", n), http.StatusFound)
	})
	_, err := get(t.Context(), s.api(quick()))
	wantKind(t, err, cloud.KindResponse)
	if n := len(s.arrivals()); n != 10 {
		t.Errorf("%d calls, want 10", n)
	}
}

func TestAnAnswerWithoutSuccessIsAnError(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusNotModified) })
	_, err := get(t.Context(), s.api(quick()))
	if e := wantKind(t, err, cloud.KindRequest); e.Status != 304 {
		t.Errorf("got status %d, want 304", e.Status)
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size int
		kind cloud.Kind
	}{{64 << 10, ""}, {128 << 10, cloud.KindResponse}, {1 << 20, cloud.KindResponse}} {
		t.Run(fmt.Sprint(c.size), func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
				answer(w, 200, `["`+strings.Repeat("x", c.size-4)+`"]`)
			})
			p := quick()
			p.MaxBody = 64 << 10
			var got []string
			_, err := s.api(p).Get(t.Context(), "get", "/", nil, &got)
			if cloud.KindOf(err) != c.kind || len(s.arrivals()) != 1 {
				t.Errorf("got %v after %d calls, want kind %q after 1", err, len(s.arrivals()), c.kind)
			}
		})
	}
}

func TestALongErrorAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 400, strings.Repeat("x", 1<<20)) })
	p := quick()
	seen := 0
	p.Classify = func(_ int, _ http.Header, body []byte) httpx.Fault {
		seen = len(body)
		return httpx.Fault{}
	}
	_, err := get(t.Context(), s.api(p))
	wantKind(t, err, cloud.KindRequest)
	if seen != 64<<10 {
		t.Errorf("%d bytes are looked at, want 64 KiB", seen)
	}
}

func TestSecretsAreNowhereInErrors(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t/with+signs&\n more"
	for name, status := range map[string]int{"echoed": 401, "in the URL of a broken call": 0, "throttled": 429} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, _ int) {
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Location", r.URL.String())
				answer(w, status, secret)
			})
			p := quick()
			p.Classify = func(_ int, _ http.Header, body []byte) httpx.Fault {
				return httpx.Fault{Code: string(body), Detail: fmt.Sprintf("bad key %q", body), Hint: "replace " + url.QueryEscape(string(body))}
			}
			a := s.api(p)
			a.Secrets = []string{secret, "abc"}
			_, err := a.Get(t.Context(), "get", "/", url.Values{"key": {secret}}, nil)
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, text := range []string{e.Error(), fmt.Sprintf("%+v", e)} {
					if strings.Contains(text, "s3cr3t") {
						t.Errorf("%T shows the secret: %s", e, text)
					}
				}
			}
			if e, ok := errors.AsType[*cloud.Error](err); !ok || strings.Contains(e.Code+e.Hint, "s3cr3t") {
				t.Errorf("got %#v", e)
			}
		})
	}
}

func TestACredentialThatCannotBePreparedIsAnAuthError(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, nil)
	a := s.api(quick())
	a.Authorize = func(*http.Request) error { return errors.New("no key") }
	_, err := get(t.Context(), a)
	wantKind(t, err, cloud.KindAuth)
	if n := s.dials.Load(); n != 0 {
		t.Errorf("%d dials, want none", n)
	}
}

func TestAnonymousCallsCarryNoCredential(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, "{}") })
	p := quick()
	p.UserAgent = "cloudtop/test"
	call := httpx.Call{Op: "prices", Path: "/prices", Anon: true, Header: http.Header{"X-Extra": {"1"}}}
	if _, err := s.api(p).Do(t.Context(), call, nil); err != nil {
		t.Fatal(err)
	}
	if a := s.arrivals()[0]; a.auth != "" || a.agent != "cloudtop/test" {
		t.Errorf("got %+v, want no credential and our name", a)
	}
}

func TestARequestThatCannotBeMadeIsOurFault(t *testing.T) {
	t.Parallel()
	a := &httpx.API{HTTP: httpx.NewClient(nil, quick()), Provider: "acme", Base: "https://" + host}
	for name, call := range map[string]httpx.Call{
		"body": {Op: "x", Body: make(chan int)}, "method": {Op: "x", Method: "A B"}, "URL": {Op: "x", Path: "/%zz"},
	} {
		_, err := a.Do(t.Context(), call, nil)
		if k := cloud.KindOf(err); k != cloud.KindRequest {
			t.Errorf("%s: got %v of kind %q, want %q", name, err, k, cloud.KindRequest)
		}
	}
}
