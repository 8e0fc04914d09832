package cloudflare_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
)

// numbered are the lists that are paged by number: the parameters of their first and second call.
func numbered() []struct{ service, path, id, first, second, permission string } {
	return []struct{ service, path, id, first, second, permission string }{
		{"d1", "/d1/database", "uuid", "page=1&per_page=10000", "page=2&per_page=10000", "D1 Read"},
		{"kv", "/storage/kv/namespaces", "id", "page=1&per_page=100", "page=2&per_page=100", "Workers KV Storage Read"},
		{"queues", "/queues", "queue_id", "", "page=2", "Queues Read"},
		{"pages", "/pages/projects", "name", "", "page=2", "Cloudflare Pages Read"},
		{"durable_objects", "/workers/durable_objects/namespaces", "id", "page=1&per_page=1000", "page=2&per_page=1000", "Workers Scripts Read"},
	}
}

// TestEveryListAsksForItsPages reads a list of two pages of each service.
func TestEveryListAsksForItsPages(t *testing.T) {
	t.Parallel()
	for _, l := range numbered() {
		path := "/accounts/" + acct + l.path
		page := func(n int, ids ...string) string {
			var rows []string
			for _, id := range ids {
				rows = append(rows, fmt.Sprintf(`{%q:%q}`, l.id, id))
			}
			return fmt.Sprintf(`{"success":true,"errors":[],"messages":[],"result":[%s],"result_info":{"page":%d,"per_page":2,"count":%d,"total_count":3,"total_pages":2}}`,
				strings.Join(rows, ","), n, len(ids))
		}
		s := &server{answers: map[string]string{path + "?" + l.first: page(1, "a", "b"), path + "?" + l.second: page(2, "c")}}
		all, err := list(t, open(t, served(s)), l.service)
		if err != nil || len(all) != 3 || !strings.HasSuffix(all[2].ID, "c") || all[2].Name != "c" || len(s.seen) != 2 {
			t.Errorf("%s: got %v, %v after %v", l.service, all, err, s.seen)
		}
	}
}

// TestARefusedListNamesThePermission refuses the list of each service in both ways of the API.
func TestARefusedListNamesThePermission(t *testing.T) {
	t.Parallel()
	lists := map[string][2]string{"workers": {"/workers/scripts", "Workers Scripts Read"}, "r2": {"/r2/buckets", "Workers R2 Storage Read"}}
	for _, l := range numbered() {
		lists[l.service] = [2]string{l.path, l.permission}
	}
	for service, l := range lists {
		path := "/accounts/" + acct + l[0]
		for _, status := range []int{200, 401, 403} {
			s := &server{answers: map[string]string{path: refusal("10000", "Authentication error")}, status: map[string]int{path: status}}
			all, err := list(t, open(t, served(s)), service)
			if e := cause(err); len(all) > 0 || e.Kind != cloud.KindDenied || !strings.Contains(e.Hint, l[1]) || e.Code != "10000" {
				t.Errorf("%s: HTTP %d: got %v of kind %s with hint %q, want denied and %q", service, status, err, e.Kind, e.Hint, l[1])
			}
		}
		s := &server{answers: map[string]string{path: refusal("7003", "Could not route to "+path)}, status: map[string]int{path: 404}}
		if _, err := list(t, open(t, served(s)), service); cause(err).Kind != cloud.KindNotFound || !strings.Contains(cause(err).Hint, "account_id") {
			t.Errorf("%s: no such account: got %v with hint %q", service, err, cause(err).Hint)
		}
		s = &server{answers: map[string]string{path: `{"success":true,"result":`}}
		if _, err := list(t, open(t, served(s)), service); cause(err).Kind != cloud.KindResponse && cause(err).Kind != cloud.KindNetwork {
			t.Errorf("%s: an answer that breaks off: got %v of kind %s", service, err, cause(err).Kind)
		}
	}
}

func TestBucketsArePagedByCursor(t *testing.T) {
	t.Parallel()
	path := "/accounts/" + acct + "/r2/buckets"
	page := func(cursor string, names ...string) string {
		var rows []string
		for _, n := range names {
			rows = append(rows, fmt.Sprintf(`{"name":%q,"jurisdiction":"default"}`, n))
		}
		return `{"success":true,"result":{"buckets":[` + strings.Join(rows, ",") + `]},"result_info":{"cursor":` + cursor + `,"per_page":1000}}`
	}
	const first, second = "?per_page=1000", "?cursor=two&per_page=1000"
	tests := []struct {
		name    string
		answers map[string]string
		want    string
		kind    cloud.Kind
	}{
		{"one page", map[string]string{first: page(`""`, "a", "b")}, "a b", ""},
		{"a null cursor", map[string]string{first: page(`null`, "a")}, "a", ""},
		{"two pages", map[string]string{first: page(`"two"`, "a"), second: page(`""`, "b")}, "a b", ""},
		{"an empty second page", map[string]string{first: page(`"two"`, "a"), second: page(`""`)}, "a", ""},
		{"a cursor that comes again", map[string]string{first: page(`"two"`, "a"), second: page(`"two"`, "b")}, "a b", cloud.KindResponse},
		{"a second page that fails", map[string]string{first: page(`"two"`, "a"), second: refusal("10024", "Invalid cursor.")}, "a", cloud.KindResponse},
		{"no buckets", map[string]string{first: envelope(`{}`)}, "", cloud.KindResponse},
		{"null buckets", map[string]string{first: envelope(`{"buckets":null}`)}, "", ""},
		{"a list in place of an object", map[string]string{first: envelope(`[]`)}, "", cloud.KindResponse},
		{"null", map[string]string{first: envelope(`null`)}, "", cloud.KindResponse},
		{"a bucket without a name", map[string]string{first: page(`""`, "a", "")}, "a", cloud.KindPartial},
	}
	for _, tt := range tests {
		s := &server{answers: map[string]string{}}
		for query, answer := range tt.answers {
			s.answers[path+query] = answer
		}
		all, err := list(t, open(t, served(s)), "r2")
		var names []string
		for _, b := range all {
			names = append(names, b.Name)
		}
		if strings.Join(names, " ") != tt.want || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %v, %v of kind %q, want %s and %q", tt.name, names, err, cloud.KindOf(err), tt.want, tt.kind)
		}
	}
}

// TestOneJurisdictionThatFailsLeavesTheOther refuses the buckets of the jurisdiction eu.
func TestOneJurisdictionThatFailsLeavesTheOther(t *testing.T) {
	t.Parallel()
	c := config(jurisdictions{})
	all, err := list(t, open(t, c), "r2")
	if len(all) != 1 || all[0].Name != "here" || cause(err).Kind != cloud.KindDenied {
		t.Errorf("got %v, %v, want the bucket of the other jurisdiction and what is missing", all, err)
	}
}

// jurisdictions answers with a bucket, and refuses those of eu.
type jurisdictions struct{}

// RoundTrip implements http.RoundTripper.
func (jurisdictions) RoundTrip(r *http.Request) (*http.Response, error) {
	s := &server{answers: map[string]string{"/accounts/" + acct + "/r2/buckets": envelope(`{"buckets":[{"name":"here"}]}`)}}
	if r.Header.Get("Cf-R2-Jurisdiction") == "eu" {
		s = &server{answers: map[string]string{"/accounts/" + acct + "/r2/buckets": refusal("10000", "Authentication error")}}
	}
	return s.RoundTrip(r)
}

// TestCallsCarryOneCredential looks at the headers of every kind of credential.
func TestCallsCarryOneCredential(t *testing.T) {
	t.Parallel()
	both := map[string]string{"api_key": token, "email": "a@example.com", "global_api_key": cloudflaresim.GlobalKey}
	keys := map[string]string{"email": "a@example.com", "global_api_key": cloudflaresim.GlobalKey}
	tests := []struct {
		name             string
		values           map[string]string
		auth, email, key string
	}{
		{"a token", map[string]string{"api_key": token}, "Bearer " + token, "", ""},
		{"email and key", keys, "", "a@example.com", cloudflaresim.GlobalKey},
		{"all of them", both, "Bearer " + token, "", ""},
	}
	for _, tt := range tests {
		s := &server{
			answers: map[string]string{"/accounts/" + acct + "/queues": envelope(`[]`)},
			graph:   func(string) (int, string) { return 200, accountData(workersRow) },
		}
		c := served(s)
		c.Credential.Values = tt.values
		conn := open(t, c)
		if _, err := list(t, conn, "queues"); err != nil {
			t.Fatal(err)
		}
		if _, errs := metrics(t.Context(), conn, refs("workers", "x"), window()); len(errs) > 0 {
			t.Fatal(errs)
		}
		for _, h := range s.headers {
			if h.Get("Authorization") != tt.auth || h.Get("X-Auth-Email") != tt.email || h.Get("X-Auth-Key") != tt.key {
				t.Errorf("%s: got %v", tt.name, h)
			}
		}
		if len(s.headers) != 2 {
			t.Errorf("%s: %d calls", tt.name, len(s.headers))
		}
	}
}

func TestListsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	conn := open(t, served(&server{}))
	for _, service := range []string{"workers", "r2", "d1", "kv", "ai", "queues", "pages", "durable_objects"} {
		q := cloud.Query{Scope: cloud.Scope{Account: acct}, Service: service}
		if all, err := provider.Gather(conn.Driver().List(ctx, q)); len(all) > 0 || cloud.KindOf(err) != cloud.KindCancelled {
			t.Errorf("%s: got %v, %v, want an error of kind cancelled", service, all, err)
		}
	}
}

func TestAReaderWhoStopsGetsNoMore(t *testing.T) {
	t.Parallel()
	two := envelope(`[{"id":"a","uuid":"a","queue_id":"a","name":"a"},{"id":"b","uuid":"b","queue_id":"b","name":"b"},7]`)
	s := &server{answers: map[string]string{"/accounts/" + acct + "/workers/scripts": two, "/accounts": two}}
	for _, l := range numbered() {
		s.answers["/accounts/"+acct+l.path] = two
	}
	conn := open(t, served(s))
	for _, service := range []string{"workers", "d1", "kv", "queues", "pages", "durable_objects"} {
		n := 0
		for _, err := range conn.Driver().List(t.Context(), cloud.Query{Scope: cloud.Scope{Account: acct}, Service: service}) {
			if n++; err != nil {
				t.Errorf("%s: %v", service, err)
			}
			break
		}
		if n != 1 {
			t.Errorf("%s: got %d rows", service, n)
		}
	}
	n := 0
	for range conn.Scopes(t.Context()) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d scopes", n)
	}
}
