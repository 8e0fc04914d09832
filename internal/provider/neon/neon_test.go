package neon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/neon"
	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestProjectsThatTimedOutArePartial(t *testing.T) {
	t.Parallel()
	conn := connect(t, scripted(map[string]string{
		"/projects":             `{"projects":[{"id":"p1","name":"one"}],"unavailable_project_ids":["p2","p3"],"pagination":{"cursor":"x"}}`,
		"/projects/p1/branches": `{"branches":[{"id":"b"}]}`,
	}), nil)
	for _, service := range []string{"projects", "branches"} {
		all, err := list(t, conn, service)
		if len(all) != 1 || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "2 projects could not be read in time: p2, p3") {
			t.Errorf("got %d %s and %v, want one and a partial error that names the others", len(all), service, err)
		}
	}
}

// rows writes n elements of a list, the first of which is numbered from.
func rows(from, n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"id":"x-%d","name":"n","status":"running"}`, from+i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// TestListsEndWhereTheyEnd reads every list in pages: empty, one that is not full, just full, and one more.
func TestListsEndWhereTheyEnd(t *testing.T) {
	t.Parallel()
	lists := []struct {
		service, path, field, cursor string
		size                         int
	}{
		{"projects", "/projects", "projects", "cursor", 400},
		{"branches", "/projects/p1/branches", "branches", "next", 1000},
		{"operations", "/projects/p1/operations", "operations", "cursor", 100},
	}
	for _, l := range lists {
		page := func(rows, cursor string) string {
			return fmt.Sprintf(`{%q:%s,"pagination":{%q:%q}}`, l.field, rows, l.cursor, cursor)
		}
		last := func(rows string) string { return fmt.Sprintf(`{%q:%s}`, l.field, rows) }
		at := func(cursor string) string { return l.path + "?cursor=" + cursor }
		tests := []struct {
			name    string
			answers map[string]string
			rows    int
			calls   int
			problem string
		}{
			{"empty", map[string]string{l.path: last(`[]`)}, 0, 1, ""},
			{"null", map[string]string{l.path: last(`null`)}, 0, 1, ""},
			{"not full, with a cursor all the same", map[string]string{l.path: page(rows(0, 3), "more")}, 3, 1, ""},
			{"full, without a cursor", map[string]string{l.path: last(rows(0, l.size))}, l.size, 1, ""},
			{"full, and then nothing", map[string]string{
				l.path: page(rows(0, l.size), "more"), at("more"): last(`[]`),
			}, l.size, 2, ""},
			{"one more than a page", map[string]string{
				l.path: page(rows(0, l.size), "more"), at("more"): page(rows(l.size, 1), "end"),
			}, l.size + 1, 2, ""},
			{"three pages", map[string]string{
				l.path: page(rows(0, l.size), "two"), at("two"): page(rows(l.size, l.size), "three"), at("three"): last(rows(2*l.size, 1)),
			}, 2*l.size + 1, 3, ""},
			{"a page that comes again", map[string]string{l.path: page(rows(0, l.size), "more")}, 2 * l.size, 2, "repeats a page"},
			{"a second page that fails", map[string]string{l.path: page(rows(0, l.size), "more"), at("more"): "403"}, l.size, 2, "HTTP 403"},
			{"no list in the answer", map[string]string{l.path: `{"pagination":{}}`}, 0, 1, "the answer has no " + l.field},
			{"another type", map[string]string{l.path: last(`"none"`)}, 0, 1, l.field + ": json: cannot unmarshal string"},
			{"an error in place of the list", map[string]string{l.path: "500"}, 0, 1, "HTTP 500"},
		}
		for _, tt := range tests {
			t.Run(l.service+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				s := scripted(tt.answers)
				all, err := list(t, connect(t, s, nil), l.service)
				if len(all) != tt.rows || s.count(l.path) != tt.calls {
					t.Errorf("got %d rows after %d calls, want %d after %d", len(all), s.count(l.path), tt.rows, tt.calls)
				}
				if (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("got error %v, want %q", err, tt.problem)
				}
			})
		}
	}
}

func TestListsAskForTheLargestPage(t *testing.T) {
	t.Parallel()
	s := scripted(map[string]string{
		"/projects/p1/branches": `{"branches":[]}`, "/projects/p1/endpoints": `{"endpoints":[]}`, "/projects/p1/operations": `{"operations":[]}`,
	})
	if _, err := connect(t, s, nil).ListResources(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"/api/v2/users/me/organizations": "", "/api/v2/projects": "limit=400&org_id=org-a", "/api/v2/projects/p1/branches": "limit=1000",
		"/api/v2/projects/p1/endpoints": "", "/api/v2/projects/p1/operations": "limit=100",
	}
	for _, r := range s.calls {
		if q, ok := want[r.URL.Path]; !ok || r.URL.RawQuery != q || r.Method != http.MethodGet {
			t.Errorf("got %s %s, want %q", r.Method, r.URL, q)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+neonsim.APIKey {
			t.Errorf("%s carries %q", r.URL.Path, got)
		}
	}
}

// TestOperationsAreReadAsFarAsTheyGo sees to it that old operations are not read: they come newest first.
func TestOperationsAreReadAsFarAsTheyGo(t *testing.T) {
	t.Parallel()
	done := strings.ReplaceAll(rows(0, 100), "running", "finished")
	busy := strings.Replace(done, "finished", "cancelling", 1)
	page := func(rows, cursor string) string {
		return `{"operations":` + rows + `,"pagination":{"cursor":"` + cursor + `"}}`
	}
	const path = "/projects/p1/operations"
	s := scripted(map[string]string{path: page(busy, "two"), path + "?cursor=two": page(done, "three")})
	all, err := list(t, connect(t, s, nil), "operations")
	if err != nil || len(all) != 1 || all[0].Status != cloud.StatusStopping || s.count(path) != 2 {
		t.Errorf("got %v, %v after %d calls, want the one in progress after 2", all, err, s.count(path))
	}
}

func TestAProjectThatCannotBeReadLeavesTheOthers(t *testing.T) {
	t.Parallel()
	const two = `{"projects":[{"id":"bad","name":"bad"},{"id":"p1","name":"one"}]}`
	tests := []struct {
		answer string // for the project "bad"
		kind   cloud.Kind
		others bool // are read
	}{
		{"404", cloud.KindPartial, true},
		{"403", cloud.KindPartial, true},
		{"400", cloud.KindPartial, true},
		{`{"branches":7}`, cloud.KindPartial, true},
		{`{}`, cloud.KindPartial, true},
		{"401", cloud.KindAuth, false},
		{"500", cloud.KindUnavailable, false},
	}
	for _, tt := range tests {
		conn := connect(t, scripted(map[string]string{
			"/projects": two, "/projects/bad/branches": tt.answer, "/projects/p1/branches": `{"branches":[{"id":"b","name":"main"}]}`,
		}), nil)
		all, err := list(t, conn, "branches")
		if cloud.KindOf(err) != tt.kind || !strings.Contains(err.Error(), "branches of bad") || (len(all) == 1) != tt.others {
			t.Errorf("%s: got %d branches and %v of kind %s, want %s that names the project", tt.answer, len(all), err, cloud.KindOf(err), tt.kind)
		}
	}
}

func TestErrorsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var tests []struct {
		Status int
		Kind   cloud.Kind
		Hint   string
		Body   json.RawMessage
	}
	if err := json.Unmarshal(data, &tests); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.Status)
			_, _ = w.Write(tt.Body)
		}), nil)
		e, ok := errors.AsType[*cloud.Error](conn.HealthCheck(t.Context()))
		if !ok || e.Kind != tt.Kind || !strings.Contains(e.Hint, tt.Hint) || (e.Hint == "") != (tt.Hint == "") || e.Status != tt.Status {
			t.Errorf("%d %s: got %+v, want %s with hint %q", tt.Status, tt.Body, e, tt.Kind, tt.Hint)
		}
		var said struct{ Code, Message string }
		if json.Unmarshal(tt.Body, &said) == nil && (e.Code != said.Code || !strings.Contains(e.Error(), said.Message)) {
			t.Errorf("%d: got %v with code %q, want %+v", tt.Status, e, e.Code, said)
		}
	}
}

func TestWhoseKeyItIsIsSaid(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key, account, user string
		scopes             []string
	}{
		{neonsim.APIKey, "0b6d1a3e-8f52-4a51-9a55-6f8f3a1f2c11", "api_key_user", []string{"org-bold-sun-12345678", "org-calm-moon-87654321"}},
		{neonsim.OrgKey, "org-bold-sun-12345678", "api_key_org", []string{"org-bold-sun-12345678"}},
	}
	for _, tt := range tests {
		conn, u := simulated(t, 20, tt.key)
		who, err := conn.Driver().(provider.Identifier).Identity(t.Context())
		if err != nil || who.Account != tt.account || who.User != tt.user {
			t.Errorf("got %+v, %v, want %s by %s", who, err, tt.account, tt.user)
		}
		scopes, err := provider.Gather(conn.Scopes(t.Context()))
		var ids []string
		for _, s := range scopes {
			ids = append(ids, s.Account)
		}
		if err != nil || strings.Join(ids, " ") != strings.Join(tt.scopes, " ") {
			t.Errorf("%s: got %v, %v, want %v", tt.user, ids, err, tt.scopes)
		}
		all, err := conn.ListResources(t.Context(), nil)
		want := 0
		for _, r := range u.Cloud("neon").Truth().Resources {
			if strings.Contains(strings.Join(tt.scopes, " "), r.Account) {
				want++
			}
		}
		if err != nil || len(all) != want || want == 0 {
			t.Errorf("%s: got %d resources, %v, want %d", tt.user, len(all), err, want)
		}
	}
	conn, _ := simulated(t, 3, "napi_wrong")
	if e, _ := errors.AsType[*cloud.Error](conn.HealthCheck(t.Context())); e == nil || e.Kind != cloud.KindAuth || !strings.Contains(e.Hint, "NEON_API_KEY") {
		t.Errorf("a wrong key: got %v, want an error of kind auth with a hint", e)
	}
}

func TestOpenNeedsAKey(t *testing.T) {
	t.Parallel()
	err := provider.NewConn(neon.Spec()).Initialize(t.Context(), &provider.ProviderConfig{})
	if e, _ := errors.AsType[*cloud.Error](err); e == nil || e.Kind != cloud.KindAuth || !strings.Contains(e.Hint, "NEON_API_KEY") {
		t.Errorf("got %v, want an error of kind auth with a hint", err)
	}
}

func TestScopesAreTheOrganisationsOfTheKey(t *testing.T) {
	t.Parallel()
	const two = `{"organizations":[{"id":"org-a","name":"A"},{"id":"org-b","name":"B"}]}`
	tests := []struct {
		name, answer, only string
		want               string
		kind               cloud.Kind
	}{
		{"all", two, "", "org-a A|org-b B", ""},
		{"one is named", two, "org-b", "org-b B", ""},
		{"one is named that the key does not see", two, "org-c", "", cloud.KindNotFound},
		{"none", `{"organizations":[]}`, "", "personal ", ""},
		{"one cannot be read", `{"organizations":[{"id":"org-a","name":"A"},7]}`, "", "org-a A", cloud.KindPartial},
		{"none can be read", `{"organizations":[{}]}`, "", "", cloud.KindPartial},
		{"not told", `{}`, "", "", cloud.KindResponse},
		{"refused", "403", "", "", cloud.KindDenied},
	}
	for _, tt := range tests {
		var options map[string]any
		if tt.only != "" {
			options = map[string]any{"org_id": tt.only}
		}
		conn := connect(t, scripted(map[string]string{"/users/me/organizations": tt.answer}), options)
		scopes, err := provider.Gather(conn.Scopes(t.Context()))
		var got []string
		for _, s := range scopes {
			got = append(got, s.Account+" "+s.AccountName)
		}
		if strings.Join(got, "|") != tt.want || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %q, %v, want %q and kind %q", tt.name, got, err, tt.want, tt.kind)
		}
	}
}

func TestAPersonalKeyWithoutOrganisationReadsItsProjects(t *testing.T) {
	t.Parallel()
	s := scripted(map[string]string{"/users/me/organizations": `{"organizations":[]}`})
	all, err := list(t, connect(t, s, nil), "projects")
	if err != nil || len(all) != 1 || all[0].Account != "personal" || all[0].Attr("plan") != nil {
		t.Errorf("got %+v, %v, want one project without a plan", all, err)
	}
	for _, r := range s.calls {
		if r.URL.Query().Has("org_id") {
			t.Errorf("asked for an organisation: %s", r.URL)
		}
	}
}

func TestOneProjectListServesAllServices(t *testing.T) {
	t.Parallel()
	conn, u := simulated(t, 12, neonsim.APIKey)
	if _, err := conn.ListResources(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, s := range u.Stats() {
		n[s.Path] += s.N
	}
	if n["/api/v2/projects"] != 2 || n["/api/v2/users/me/organizations"] > 2 {
		t.Errorf("got %v, want one project list for each of two organisations", n)
	}
}

func TestAListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	conn := connect(t, scripted(nil), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, service := range []string{"projects", "branches", "computes", "operations"} {
		q := cloud.Query{Scope: cloud.Scope{Account: "org-a"}, Service: service}
		if all, err := provider.Gather(conn.Driver().List(ctx, q)); len(all) > 0 || cloud.KindOf(err) != cloud.KindCancelled {
			t.Errorf("%s: got %d rows and %v, want an error of kind cancelled", service, len(all), err)
		}
	}
}

func TestAReaderWhoStopsGetsNoMore(t *testing.T) {
	t.Parallel()
	conn, _ := simulated(t, 40, neonsim.APIKey)
	for _, service := range []string{"projects", "branches", "computes", "operations"} {
		n := 0
		q := cloud.Query{Scope: cloud.Scope{Account: "org-bold-sun-12345678"}, Service: service}
		for _, err := range conn.Driver().List(t.Context(), q) {
			if n++; err != nil {
				t.Error(err)
			}
			break
		}
		if n != 1 {
			t.Errorf("%s: got %d rows", service, n)
		}
	}
}

func TestAnUnknownServiceIsAnError(t *testing.T) {
	t.Parallel()
	_, err := provider.Gather(connect(t, scripted(nil), nil).Driver().List(t.Context(), cloud.Query{Service: "roles"}))
	if cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("got %v, want an error of kind config", err)
	}
}
