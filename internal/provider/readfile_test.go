package provider_test

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// idle is a driver that does nothing.
type idle struct{}

func (idle) Check(context.Context) error { return nil }

func (idle) List(context.Context, cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(func(cloud.Resource, error) bool) {}
}

func TestDriverReadsTheFilesThatItsCredentialNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte("on disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		read func(string) ([]byte, error)
		want string
	}{
		{"from the disk unless told otherwise", nil, "on disk"},
		{"from where it is told", func(string) ([]byte, error) { return []byte("elsewhere"), nil }, "elsewhere"},
	} {
		var got []byte
		spec := &provider.Spec{Name: "acme", Open: func(_ context.Context, env provider.Env) (provider.Driver, error) {
			var err error
			got, err = env.Config.ReadFile(path)
			return idle{}, err
		}}
		conn := provider.NewConn(spec)
		if err := conn.Initialize(t.Context(), &provider.ProviderConfig{ReadFile: tt.read}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if string(got) != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
