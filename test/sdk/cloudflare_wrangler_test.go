package sdk

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// wrangler runs Cloudflare's own client on one account of the simulator.
func wrangler(t *testing.T, account, url, token string, args ...string) []byte {
	t.Helper()
	return run(t, []string{
		"CLOUDFLARE_API_BASE_URL=" + url + "/client/v4", "CLOUDFLARE_API_TOKEN=" + token, "CLOUDFLARE_ACCOUNT_ID=" + account,
		"WRANGLER_SEND_METRICS=false", "WRANGLER_HIDE_BANNER=true",
	}, client(t, "wrangler"), args...)
}

// TestCloudflaresOwnClientReadsTheSimulator lists and describes with wrangler, and compares with the truth.
func TestCloudflaresOwnClientReadsTheSimulator(t *testing.T) {
	t.Parallel()
	client(t, "wrangler")
	c, url := cloudAt(t, "cloudflare", "api.cloudflare.com", 90)
	token, account := c.Credentials().Values["api_key"], c.Truth().Accounts[0]
	of := func(service string) []sim.Resource {
		var all []sim.Resource
		for _, r := range c.Truth().Resources {
			if r.Account == account && r.Service == service {
				all = append(all, r)
			}
		}
		return all
	}

	t.Run("d1 list", func(t *testing.T) {
		t.Parallel()
		var got []struct{ UUID, Name string }
		decode(t, wrangler(t, account, url, token, "d1", "list", "--json"), &got)
		if want := of("d1"); len(got) != len(want) || len(want) == 0 {
			t.Errorf("wrangler lists %d databases, the truth is %d", len(got), len(want))
		}
	})
	t.Run("d1 info", func(t *testing.T) {
		t.Parallel()
		want := of("d1")[0]
		var got struct {
			UUID     string
			Size     float64 `json:"database_size"`
			RowsRead float64 `json:"rows_read_24h"`
		}
		decode(t, wrangler(t, account, url, token, "d1", "info", want.Name, "--json"), &got)
		if got.UUID != want.ID || got.Size < want.Metrics["storage_bytes"]*0.9 || got.RowsRead < want.Metrics["rows_read_today_count"] {
			t.Errorf("got %+v, want %s with about %v bytes and at least %v rows read", got, want.ID,
				want.Metrics["storage_bytes"], want.Metrics["rows_read_today_count"])
		}
	})
	t.Run("kv namespace list", func(t *testing.T) {
		t.Parallel()
		var got []struct{ ID string }
		decode(t, wrangler(t, account, url, token, "kv", "namespace", "list"), &got)
		if want := of("kv"); len(got) != len(want) || len(want) == 0 {
			t.Errorf("wrangler lists %d namespaces, the truth is %d", len(got), len(want))
		}
	})
	t.Run("r2 bucket list", func(t *testing.T) {
		t.Parallel()
		here := wrangler(t, account, url, token, "r2", "bucket", "list")
		there := wrangler(t, account, url, token, "r2", "bucket", "list", "--jurisdiction", "eu")
		n := bytes.Count(append(here, there...), []byte("creation_date:"))
		if want := of("r2"); n != len(want) || n == 0 || bytes.Equal(here, there) {
			t.Errorf("wrangler lists %d buckets, the truth is %d:\n%s\n%s", n, len(want), here, there)
		}
	})
	for command, service := range map[string]string{"queues list": "queues", "pages project list": "pages"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			out := wrangler(t, account, url, token, strings.Fields(command)...)
			want := of(service)
			for _, r := range want {
				if !bytes.Contains(out, []byte(r.Name)) {
					t.Errorf("%s is not in %s", r.Name, out)
				}
			}
			if len(want) == 0 {
				t.Error("there are none")
			}
		})
	}
	t.Run("whoami", func(t *testing.T) {
		t.Parallel()
		out := wrangler(t, account, url, token, "whoami")
		for _, id := range c.Truth().Accounts {
			if !bytes.Contains(out, []byte(id)) {
				t.Errorf("account %s is not in %s", id, out)
			}
		}
	})
	t.Run("r2 bucket info", func(t *testing.T) {
		t.Parallel()
		for _, want := range of("r2") {
			args := []string{"r2", "bucket", "info", want.Name, "--json"}
			if want.ID != "r2/buckets/"+want.Name {
				args = append(args, "--jurisdiction", "eu")
			} else if want.Metrics["objects_count"] == 0 {
				continue
			}
			var got struct {
				Name    string
				Objects string `json:"object_count"`
			}
			decode(t, wrangler(t, account, url, token, args...), &got)
			if got.Name != want.Name || got.Objects == "" || (got.Objects == "0") != (want.Metrics["objects_count"] == 0) {
				t.Errorf("got %+v, want %s with about %v objects", got, want.Name, want.Metrics["objects_count"])
			}
			break
		}
	})
}

func decode(t *testing.T, data []byte, out any) {
	t.Helper()
	start := bytes.IndexAny(data, "[{")
	if start < 0 {
		t.Fatalf("no JSON in %q", data)
	}
	if err := json.Unmarshal(data[start:], out); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}
