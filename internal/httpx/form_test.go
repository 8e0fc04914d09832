package httpx_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/adsops/cloudtop/internal/httpx"
)

func TestAFormIsSentAsAForm(t *testing.T) {
	t.Parallel()
	var got *http.Request
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		got = r
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	api := &httpx.API{Provider: "acme", Base: "https://acme.test", HTTP: httpx.NewClient(base, httpx.Policy{
		Hosts: []string{"acme.test"}, Queries: []httpx.Pattern{{Method: http.MethodPost, Path: "/token"}},
	})}
	call := httpx.Call{Op: "sign in", Path: "/token", Form: url.Values{"grant_type": {"a b&c"}}}
	if _, err := api.Do(t.Context(), call, nil); err != nil {
		t.Fatal(err)
	}
	if kind := got.Header.Get("Content-Type"); got.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" ||
		got.PostForm.Get("grant_type") != "a b&c" {
		t.Errorf("got %s of %q with %v", got.Method, kind, got.PostForm)
	}
}
