//go:build integration

package all_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
)

// TestIntegration lists every service of every provider that credentials are found for on this machine. It only
// reads. For the others it says where it looked.
func TestIntegration(t *testing.T) {
	for _, r := range config.Default().Resolve(config.OS(), all.Specs()) {
		t.Run(r.Spec.Name, func(t *testing.T) {
			if !r.Enabled {
				t.Skipf("no credential found; looked at %v", r.Looked)
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			r.Config.Transport = http.DefaultTransport
			conn := provider.NewConn(r.Spec)
			if err := conn.Initialize(t.Context(), &r.Config); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := conn.HealthCheck(t.Context()); err != nil {
				t.Fatal(err)
			}
			started := time.Now()
			found, err := conn.ListResources(t.Context(), nil)
			if err != nil {
				t.Error(err)
			}
			t.Logf("%s: %d resources in %s", r.Config.Credential, len(found), time.Since(started).Round(time.Millisecond))
			for i := range found {
				if found[i].ID == "" || found[i].Account == "" || found[i].Status == "" {
					t.Errorf("%s %q: id %q, account %q, status %q: none may be empty",
						found[i].Service, found[i].Name, found[i].ID, found[i].Account, found[i].Status)
				}
			}
		})
	}
}
