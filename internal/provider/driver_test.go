package provider_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestASequenceThatFailedSaysSoOnce(t *testing.T) {
	t.Parallel()
	cause := errors.New("nothing works")
	n := 0
	for r, err := range provider.Failed[cloud.Resource](cause) {
		if n++; !errors.Is(err, cause) || r.ID != "" {
			t.Errorf("got %+v, %v", r, err)
		}
	}
	for range provider.Failed[int](cause) {
		n++
		break // a reader that stops is not called again
	}
	for _, err := range provider.NoService("acme", "teapots") {
		var e *cloud.Error
		if n++; !errors.As(err, &e) || e.Kind != cloud.KindConfig || e.Op != "acme" || e.Detail != "no service teapots" {
			t.Errorf("got %#v", err)
		}
	}
	if n != 3 {
		t.Errorf("three sequences had %d elements", n)
	}
}

func TestAKeyIsSentAsBearerWithoutTheBlanksAroundIt(t *testing.T) {
	t.Parallel()
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	for key, want := range map[string]string{"k1": "Bearer k1", " k2\n": "Bearer k2", "": "", " \n": ""} {
		sent = ""
		env := provider.Env{HTTP: server.Client(), Config: provider.ProviderConfig{Name: "acme", Credential: provider.Credential{Values: map[string]string{"api_key": key}}}}
		api, err := env.KeyAPI(server.URL, "make one at acme.example")
		if want == "" {
			var e *cloud.Error
			if !errors.As(err, &e) || e.Kind != cloud.KindAuth || e.Hint != "make one at acme.example" || api != nil {
				t.Errorf("%q: got %v, %v", key, api, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", key, err)
			continue
		}
		var v json.RawMessage
		if _, err := api.Get(t.Context(), "look", "/x", nil, &v); err != nil || sent != want {
			t.Errorf("%q: sent %q, %v; want %q", key, sent, err, want)
		}
	}
}
