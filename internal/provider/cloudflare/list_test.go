package cloudflare_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// TestListsKeepWhatTheProviderSays reads elements as the published description has them: full, and with all that may
// be null or missing left out.
func TestListsKeepWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, path, result string
		want                  []cloud.Resource
	}{
		{"workers", "/workers/scripts", `[
			{"id":"api","tag":"e1","created_on":"2026-01-02T03:04:05.678Z","modified_on":"2026-02-02T00:00:00Z","usage_model":"standard",
			 "handlers":["fetch"],"has_assets":false,"has_modules":true,"compatibility_date":"2026-01-01","last_deployed_from":"wrangler",
			 "logpush":true,"tags":["prod"],"placement":{"mode":"smart","status":"SUCCESS"},"routes":[{"id":"r","pattern":"a.example/*"}],
			 "observability":{"enabled":true,"head_sampling_rate":0.1},"tail_consumers":[{"service":"drain"}]},
			{"id":"bare","tags":null,"routes":null,"tail_consumers":null,"observability":{"enabled":false,"head_sampling_rate":null},"created_on":null}]`,
			[]cloud.Resource{
				{Type: "worker", ID: "workers/scripts/api", Name: "api", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC),
					Tags: []cloud.Tag{{Key: "prod"}}, Attrs: []cloud.Attr{
						{Name: "script_tag", Value: "e1"}, {Name: "modified_at", Value: time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)},
						{Name: "usage_model", Value: "standard"}, {Name: "handlers", Value: []string{"fetch"}},
						{Name: "routes", Value: []string{"a.example/*"}}, {Name: "compatibility_date", Value: "2026-01-01"},
						{Name: "placement_mode", Value: "smart"}, {Name: "placement_status", Value: "SUCCESS"},
						{Name: "last_deployed_from", Value: "wrangler"}, {Name: "has_assets", Value: false},
						{Name: "has_modules", Value: true}, {Name: "logpush", Value: true}, {Name: "observability", Value: true},
						{Name: "log_sampling_ratio", Value: 0.1}, {Name: "tail_consumers", Value: []string{"drain"}},
					}},
				{Type: "worker", ID: "workers/scripts/bare", Name: "bare", Attrs: []cloud.Attr{{Name: "observability", Value: false}}},
			}},
		{"d1", "/d1/database", `[{"uuid":"u","name":"db","version":"production","created_at":"2026-01-01T00:00:00Z","jurisdiction":"eu",
			"num_tables":3,"file_size":4096},{"uuid":"v","name":"bare","jurisdiction":null}]`,
			[]cloud.Resource{
				{Type: "database", ID: "u", Name: "db", CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Attrs: []cloud.Attr{
					{Name: "version", Value: "production"}, {Name: "jurisdiction", Value: "eu"}, {Name: "tables_count", Value: int64(3)},
					{Name: "file_size_bytes", Value: int64(4096)},
				}},
				{Type: "database", ID: "v", Name: "bare"},
			}},
		{"queues", "/queues", `[{"queue_id":"q","queue_name":"mails","created_on":"2026-01-01T00:00:00Z","modified_on":"2026-01-01T00:00:00Z",
			"producers_total_count":1,"consumers_total_count":0,"settings":{"delivery_delay":5,"delivery_paused":true,"message_retention_period":60},
			"consumers":[{"type":"worker","script_name":"w","dead_letter_queue":""},{"type":"worker","script_name":"w","dead_letter_queue":"dead"}]}]`,
			[]cloud.Resource{{Type: "queue", ID: "q", Name: "mails", Status: cloud.StatusRunning, NativeStatus: "delivery paused",
				CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Attrs: []cloud.Attr{
					{Name: "modified_at", Value: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, {Name: "producers_count", Value: int64(1)},
					{Name: "consumers_count", Value: int64(0)}, {Name: "delivery_delay_seconds", Value: int64(5)},
					{Name: "delivery_paused", Value: true}, {Name: "message_retention_seconds", Value: int64(60)},
					{Name: "consumer_types", Value: []string{"worker"}}, {Name: "consumer_scripts", Value: []string{"w"}},
					{Name: "dead_letter_queues", Value: []string{"dead"}},
				}}}},
		{"kv", "/storage/kv/namespaces", `[{"id":"k","title":"ključ","supports_url_encoding":true},{"id":"l","title":"bare"}]`,
			[]cloud.Resource{
				{Type: "kv_namespace", ID: "k", Name: "ključ", Attrs: []cloud.Attr{{Name: "supports_url_encoding", Value: true}}},
				{Type: "kv_namespace", ID: "l", Name: "bare"},
			}},
		{"durable_objects", "/workers/durable_objects/namespaces",
			`[{"id":"o","name":"w_Room","script":"w","class":"Room","use_sqlite":true}]`,
			[]cloud.Resource{{Type: "do_namespace", ID: "o", Name: "w_Room", Attrs: []cloud.Attr{
				{Name: "class", Value: "Room"}, {Name: "script", Value: "w"}, {Name: "use_sqlite", Value: true},
			}}}},
	}
	for _, tt := range tests {
		t.Run(tt.service, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: map[string]string{"/accounts/" + acct + tt.path: envelope(tt.result)}}
			got, err := list(t, open(t, served(s)), tt.service)
			if err != nil {
				t.Fatal(err)
			}
			for i := range tt.want {
				w := &tt.want[i]
				w.Provider, w.Account, w.Service = "cloudflare", acct, tt.service
				if w.Status == "" {
					w.Status = cloud.StatusUnknown
				}
			}
			if g, w := asJSON(t, got), asJSON(t, tt.want); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func TestPagesProjectsShowTheStateOfTheirNewestDeployment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		latest, canonical string
		status            cloud.Status
		native            string
	}{
		{`{"latest_stage":{"name":"deploy","status":"success"}}`, `{}`, cloud.StatusRunning, "deploy success"},
		{`{"latest_stage":{"name":"build","status":"active"}}`, `null`, cloud.StatusStarting, "build active"},
		{`{"latest_stage":{"name":"queued","status":"idle"}}`, `{}`, cloud.StatusStarting, "queued idle"},
		{`{"latest_stage":{"name":"build","status":"failure"}}`, `{}`, cloud.StatusFailed, "build failure"},
		{`{"latest_stage":{"name":"build","status":"canceled"}}`, `{}`, cloud.StatusRunning, "build canceled"},
		{`{"latest_stage":{"name":"build","status":"canceled"}}`, `null`, cloud.StatusUnknown, "build canceled"},
		{`{"latest_stage":{"name":"build","status":"new word"}}`, `{}`, cloud.StatusUnknown, "build new word"},
		{`null`, `null`, cloud.StatusUnknown, ""},
	}
	for _, tt := range tests {
		s := &server{answers: map[string]string{"/accounts/" + acct + "/pages/projects": envelope(fmt.Sprintf(
			`[{"name":"site","id":"1","latest_deployment":%s,"canonical_deployment":%s}]`, tt.latest, tt.canonical))}}
		got, err := list(t, open(t, served(s)), "pages")
		if err != nil || len(got) != 1 || got[0].Status != tt.status || got[0].NativeStatus != tt.native {
			t.Errorf("%s: got %+v, %v, want %s %q", tt.latest, got, err, tt.status, tt.native)
		}
	}
}

func TestBucketsOfEveryJurisdictionAreKeptApart(t *testing.T) {
	t.Parallel()
	const buckets = `{"buckets":[{"name":"logs","creation_date":"2026-01-01T00:00:00Z","location":"WEUR","storage_class":"Standard"}]}`
	s := &server{answers: map[string]string{"/accounts/" + acct + "/r2/buckets": envelope(buckets)}}
	got, err := list(t, open(t, served(s)), "r2")
	if err != nil || len(got) != 2 || got[0].ID != "r2/buckets/logs" || got[1].ID != "r2/buckets/eu_logs" || got[1].Name != "logs" {
		t.Fatalf("got %+v, %v, want one bucket of each jurisdiction", got, err)
	}
	asked := map[string]bool{}
	for _, h := range s.headers {
		asked[h.Get("Cf-R2-Jurisdiction")] = true
	}
	if len(asked) != 2 || !asked["default"] || !asked["eu"] {
		t.Errorf("asked for %v, want default and eu", asked)
	}
}

func TestR2ThatIsNotEnabledIsNoFailure(t *testing.T) {
	t.Parallel()
	path := "/accounts/" + acct + "/r2/buckets"
	s := &server{
		answers: map[string]string{path: refusal("10042", "Please enable R2 through the Cloudflare Dashboard.")},
		status:  map[string]int{path: 403},
	}
	if _, err := list(t, open(t, served(s)), "r2"); cloud.KindOf(err) != cloud.KindUnsupported || cause(err).Hint == "" {
		t.Errorf("got %v of kind %s, want unsupported with a hint", err, cloud.KindOf(err))
	}
}

// TestModelsAreThoseThatTheAccountUses sees to it that the catalogue, which is everybody's, is not asked for.
func TestModelsAreThoseThatTheAccountUses(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	got, err := list(t, open(t, served(s)), "ai")
	if err != nil || len(got) != 1 || got[0].Name != "@cf/meta/llama" || got[0].Attr("author") != "meta" ||
		got[0].Attr("requests_7d_count") != int64(700) || got[0].Attr("neurons_7d_count") != int64(14000) || len(s.seen) != 0 {
		t.Errorf("got %+v, %v after %v", got, err, s.seen)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	path := "/accounts/" + acct + "/storage/kv/namespaces"
	rows := func(from, n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"id":"%d","title":"t"}`, from+i))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	info := func(result, info string) string {
		return `{"success":true,"errors":[],"messages":[],"result":` + result + `,"result_info":` + info + `}`
	}
	at := func(n int) string { return fmt.Sprintf("%s?page=%d&per_page=100", path, n) }
	tests := []struct {
		name    string
		answers map[string]string
		rows    int
		calls   int
		kind    cloud.Kind
	}{
		{"total pages", map[string]string{
			at(1): info(rows(0, 100), `{"page":1,"per_page":100,"total_pages":3}`), at(2): info(rows(100, 100), `{"page":2}`),
			at(3): info(rows(200, 1), `{"page":3}`),
		}, 201, 3, ""},
		{"total count alone", map[string]string{
			at(1): info(rows(0, 100), `{"page":1,"per_page":100,"total_count":101}`), at(2): info(rows(100, 1), `{"page":2}`),
		}, 101, 2, ""},
		{"no total: until a page is not full", map[string]string{
			at(1): envelope(rows(0, 100)), at(2): envelope(rows(100, 100)), at(3): envelope(rows(200, 7)),
		}, 207, 3, ""},
		{"no total, the last page is full", map[string]string{
			at(1): envelope(rows(0, 100)), at(2): envelope(`[]`),
		}, 100, 2, ""},
		{"the server does not know pages", map[string]string{path: envelope(rows(0, 100))}, 100, 2, cloud.KindResponse},
		{"the server gives another page", map[string]string{
			path: info(rows(0, 100), `{"page":1,"per_page":100,"total_pages":2}`),
		}, 100, 2, cloud.KindResponse},
		{"nothing", map[string]string{path: info(`[]`, `{"page":1,"per_page":100,"total_count":0,"total_pages":0}`)}, 0, 1, ""},
		{"no result", map[string]string{path: `{"success":true,"errors":[],"messages":[]}`}, 0, 1, cloud.KindResponse},
		{"null is an empty list", map[string]string{path: envelope(`null`)}, 0, 1, ""},
		{"null where rows are counted", map[string]string{path: info(`null`, `{"page":1,"total_count":3}`)}, 0, 1, cloud.KindResponse},
		{"null without success", map[string]string{path: `{"result":null}`}, 0, 1, cloud.KindResponse},
		{"no success, and not why", map[string]string{path: `{"success":false,"errors":[],"result":[{"id":"1"}]}`}, 0, 1, cloud.KindResponse},
		{"no list", map[string]string{path: envelope(`{"id":"1"}`)}, 0, 1, cloud.KindResponse},
		{"elements that are none", map[string]string{path: envelope(`[{"id":"1","title":7},null,"x",{"title":"t"},[]]`)}, 1, 1, cloud.KindPartial},
		{"numbers as text", map[string]string{
			at(1): info(rows(0, 100), `{"page":"1","per_page":"100","total_count":"101"}`), at(2): info(rows(100, 1), `{"page":"2"}`),
		}, 101, 2, ""},
		{"a second page that fails", map[string]string{
			at(1): info(rows(0, 100), `{"page":1,"per_page":100,"total_pages":2}`), at(2): refusal("10000", "Authentication error"),
		}, 100, 2, cloud.KindDenied},
		{"more pages than there can be", map[string]string{path: info(rows(0, 100), `{"page":1,"total_pages":1e9}`)}, 100, 1, cloud.KindResponse},
		{"no success", map[string]string{path: refusal("10000", "Authentication error")}, 0, 1, cloud.KindDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: tt.answers}
			got, err := list(t, open(t, served(s)), "kv")
			if len(got) != tt.rows || cloud.KindOf(err) != tt.kind || len(s.seen) != tt.calls {
				t.Errorf("got %d rows, %v of kind %q after %d calls, want %d, %q after %d",
					len(got), err, cloud.KindOf(err), len(s.seen), tt.rows, tt.kind, tt.calls)
			}
		})
	}
}

func TestAnUnknownServiceIsAnError(t *testing.T) {
	t.Parallel()
	_, err := provider.Gather(open(t, served(&server{})).Driver().List(t.Context(), cloud.Query{Service: "zones"}))
	if cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("got %v, want an error of kind config", err)
	}
}
