package cloudflare_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// update writes what is read of the samples, for a person to check: go test -run Samples -update.
var update = flag.Bool("update", false, "write the golden files")

// TestSamplesAreReadFieldByField reads answers with every field, with the least, and with what no description has, and
// compares with what they were once read as.
func TestSamplesAreReadFieldByField(t *testing.T) {
	t.Parallel()
	paths := []struct{ service, path string }{
		{"workers", "/workers/scripts"}, {"r2", "/r2/buckets"}, {"d1", "/d1/database"}, {"kv", "/storage/kv/namespaces"},
		{"queues", "/queues"}, {"pages", "/pages/projects"}, {"durable_objects", "/workers/durable_objects/namespaces"},
	}
	for _, file := range []string{"full", "minimal", "odd"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var results map[string]json.RawMessage
			if err := json.Unmarshal([]byte(testdata(t, file+".json")), &results); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, p := range paths {
				s := &server{answers: map[string]string{"/accounts/" + acct + p.path: envelope(string(results[p.path]))}}
				got, err := list(t, open(t, served(s)), p.service)
				if err != nil && cloud.KindOf(err) != cloud.KindPartial {
					t.Errorf("%s: %v", p.service, err)
				}
				for _, r := range got {
					if r.Provider != "cloudflare" || r.Account != acct || r.Service != p.service || r.Region != "" {
						t.Errorf("%s: got %+v", p.service, r)
					}
					r.Provider, r.Account = "", ""
					data, err := json.MarshalIndent(r, "", " ")
					if err != nil {
						t.Fatal(err)
					}
					b.Write(append(data, '\n'))
				}
				if err != nil {
					b.WriteString(err.Error() + "\n")
				}
			}
			text := b.String()
			if strings.Contains(text, "MARKER-SECRET") {
				t.Errorf("a secret is in %s", text)
			}
			golden := "testdata/" + file + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := testdata(t, file+".golden"); text != want {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}
