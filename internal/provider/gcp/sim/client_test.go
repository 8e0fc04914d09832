package gcpsim_test

import (
	"context"
	"net/http"
	"testing"

	"golang.org/x/oauth2"
)

// withClient returns a context in which golang.org/x/oauth2 calls through client.
func withClient(t testing.TB, client *http.Client) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), oauth2.HTTPClient, client)
}
