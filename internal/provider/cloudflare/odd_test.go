package cloudflare_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// published is what a service's list looks like: an element with every field that is read, from the official SDK's models.
type published struct {
	service, path, permission string
	identity                  string // the field without which an element is none
	within                    string // the member of the result that holds the list; empty = the result itself
	most                      int    // the largest page; 0 = not paged
	element                   string
}

func publishedLists() []published {
	return []published{
		{"workers", "/workers/scripts", "Workers Scripts Read", "id", "", 0, `{"id":"api","tag":"e1","created_on":"2026-01-02T03:04:05Z","modified_on":"2026-02-02T00:00:00Z",
			"usage_model":"standard","handlers":["fetch"],"compatibility_date":"2026-01-01","last_deployed_from":"wrangler","migration_tag":"v1","has_assets":false,
			"has_modules":true,"logpush":true,"tags":["prod"],"placement":{"mode":"smart","status":"SUCCESS"},"placement_mode":"smart","placement_status":"SUCCESS",
			"routes":[{"pattern":"a.example/*"}],"observability":{"enabled":true,"head_sampling_rate":0.1},"tail_consumers":[{"service":"drain"}]}`},
		{"r2", "/r2/buckets", "Workers R2 Storage Read", "name", "buckets", 1000,
			`{"name":"assets","creation_date":"2026-01-02T03:04:05Z","location":"weur","jurisdiction":"default","storage_class":"Standard"}`},
		{"d1", "/d1/database", "D1 Read", "uuid", "", 10_000,
			`{"uuid":"u1","name":"db","version":"production","created_at":"2026-01-01T00:00:00Z","jurisdiction":"eu","num_tables":3,"file_size":4096}`},
		{"kv", "/storage/kv/namespaces", "Workers KV Storage Read", "id", "", 100, `{"id":"k1","title":"sessions","supports_url_encoding":true}`},
		{"queues", "/queues", "Queues Read", "queue_id", "", 100, `{"queue_id":"q1","queue_name":"mails","created_on":"2026-01-01T00:00:00Z","modified_on":"2026-01-01T00:00:00Z",
			"producers_total_count":1,"consumers_total_count":1,"settings":{"delivery_delay":5,"delivery_paused":true,"message_retention_period":60},
			"consumers":[{"type":"worker","script_name":"w","dead_letter_queue":"dead"}]}`},
		{"pages", "/pages/projects", "Pages Read", "name", "", 10, `{"id":"p1","name":"shop","subdomain":"shop.pages.dev","domains":["shop.pages.dev"],"created_on":"2026-01-01T00:00:00Z",
			"production_branch":"main","production_script_name":"pages-worker--1-production","uses_functions":true,"framework":"astro",
			"latest_deployment":{"environment":"production","modified_on":"2026-01-02T00:00:00Z","latest_stage":{"name":"deploy","status":"success"}}}`},
		{"durable_objects", "/workers/durable_objects/namespaces", "Workers Scripts Read", "id", "", 1000,
			`{"id":"o1","name":"w_Room","script":"w","class":"Room","use_sqlite":true}`},
	}
}

// answer is the list with elements.
func (p *published) answer(elements ...string) string {
	list := "[" + strings.Join(elements, ",") + "]"
	if p.within != "" {
		list = `{"` + p.within + `":` + list + `}`
	}
	return envelope(list)
}

// other is the element under another name.
func (p *published) other(t *testing.T) string {
	t.Helper()
	return changed(t, p.element, p.identity, `"other"`)
}

// changed replaces a field of an element.
func changed(t *testing.T, element, field, value string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(element), &fields); err != nil {
		t.Fatal(err)
	}
	if value == "" {
		delete(fields, field)
	} else {
		fields[field] = json.RawMessage(value)
	}
	return asJSON(t, fields)
}

// lists reads a service from one answer.
func (p *published) lists(t *testing.T, status int, answer string) ([]cloud.Resource, error) {
	t.Helper()
	path := "/accounts/" + acct + p.path
	s := &server{answers: map[string]string{path: answer}, status: map[string]int{path: status}}
	return list(t, open(t, served(s)), p.service)
}

// TestAnOddFieldCostsNoMoreThanItself puts every kind of value into every field of every list: both elements stand, and
// the field is named if it could not be read. An element that cannot be named is left out, and that is said.
func TestAnOddFieldCostsNoMoreThanItself(t *testing.T) {
	t.Parallel()
	for _, p := range publishedLists() {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(p.element), &fields); err != nil {
			t.Fatal(err)
		}
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if field == "jurisdiction" && p.service == "r2" {
				continue // without it the bucket lies where it was asked for, and both jurisdictions have it here
			}
			for _, value := range []string{"", `null`, `"odd"`, `""`, `7`, `-1.5e300`, `true`, `[]`, `[null]`, `[7,"x",{}]`, `{}`, `{"odd":[{}]}`} {
				got, err := p.lists(t, 0, p.answer(changed(t, p.element, field, value), p.other(t)))
				last := len(got) - 1
				if last < 0 || !strings.Contains(asJSON(t, got[last]), "other") {
					t.Errorf("%s with %s %s: got %d resources without the other one, %v", p.service, field, value, len(got), err)
					continue
				}
				said := err == nil || cloud.KindOf(err) == cloud.KindPartial && (strings.Contains(err.Error(), field) || len(got) == 1)
				if nameless := field == p.identity && len(got) == 1; len(got) != 2 && !nameless || !said || len(got) == 1 && err == nil {
					t.Errorf("%s with %s %s: got %d resources and %v", p.service, field, value, len(got), err)
				}
				if empty := value == "" || value == "null"; empty && (field == p.identity) != (err != nil) {
					t.Errorf("%s without %s: got %v: all but the name may be missing", p.service, field, err)
				}
			}
		}
	}
}

// TestNewFieldsAndNewWordsAreNoErrors adds what is not published.
func TestNewFieldsAndNewWordsAreNoErrors(t *testing.T) {
	t.Parallel()
	for _, p := range publishedLists() {
		want, err := p.lists(t, 0, p.answer(p.element))
		if err != nil || len(want) != 1 {
			t.Fatalf("%s: got %v, %v", p.service, want, err)
		}
		for _, value := range []string{`null`, `"x"`, `{"deep":[1,{"deeper":null}]}`, `[[[]]]`, `1e300`} {
			got, err := p.lists(t, 0, p.answer(changed(t, p.element, "a_field_of_tomorrow", value)))
			if err != nil || asJSON(t, got) != asJSON(t, want) {
				t.Errorf("%s with a new field %s: got %s, %v", p.service, value, asJSON(t, got), err)
			}
		}
		all, err := p.lists(t, 0, p.answer(p.element, p.other(t), `null`, `7`, `[]`, `"x"`))
		if len(all) != 2 || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "4") {
			t.Errorf("%s with four odd elements: got %d resources, %v", p.service, len(all), err)
		}
	}
}

// TestListsThatFailSayWhatToDo answers each list with each error that is known of the API.
func TestListsThatFailSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, p := range publishedLists() {
		for _, tt := range []struct {
			name   string
			status int
			answer string
			kind   cloud.Kind
			hint   string // a part of it
		}{
			{"no permission", 403, refusal("10000", "Authentication error"), cloud.KindDenied, p.permission},
			{"a token of nobody", 401, refusal("1000", "Invalid API Token"), cloud.KindAuth, ""},
			{"a bad header", 400, refusal("6003", "Invalid request headers"), cloud.KindAuth, ""},
			{"no route", 404, refusal("7003", "Could not route"), cloud.KindNotFound, ""},
			{"too many calls", 429, refusal("971", "Please wait and consider throttling your request speed"), cloud.KindThrottled, ""},
			{"an error within", 500, refusal("10013", "Internal Server Error"), cloud.KindUnavailable, ""},
			{"a gateway's page", 502, `<html><title>502 Bad Gateway</title></html>`, cloud.KindUnavailable, ""},
			{"no success in a success", 200, refusal("10000", "Authentication error"), cloud.KindDenied, ""},
			{"a page of HTML", 200, `<html></html>`, cloud.KindResponse, ""},
			{"nothing", 200, ``, cloud.KindResponse, ""},
			{"half an answer", 200, `{"success":true,"result":[{"id":`, cloud.KindResponse, ""},
			{"no list", 200, envelope(`7`), cloud.KindResponse, ""},
		} {
			got, err := p.lists(t, tt.status, tt.answer)
			if kind := cloud.KindOf(err); kind != tt.kind || len(got) != 0 || strings.Contains(fmt.Sprintf("%+v", err), token) {
				t.Errorf("%s: %s: got %d resources, kind %s: %v; want %s", p.service, tt.name, len(got), kind, err, tt.kind)
			}
			if hint := hintOf(err); !strings.Contains(hint, tt.hint) {
				t.Errorf("%s: %s: got hint %q, want %q in it", p.service, tt.name, hint, tt.hint)
			}
		}
	}
}

// TestPagesAreAsLargeAsTheAPITakes looks at the parameters of every call.
func TestPagesAreAsLargeAsTheAPITakes(t *testing.T) {
	t.Parallel()
	for _, p := range publishedLists() {
		path := "/accounts/" + acct + p.path
		s := &server{answers: map[string]string{path: p.answer(p.element)}}
		if _, err := list(t, open(t, served(s)), p.service); err != nil {
			t.Errorf("%s: %v", p.service, err)
		}
		for _, seen := range s.seen {
			_, query, _ := strings.Cut(seen, "?")
			q, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			size, _ := strconv.Atoi(q.Get("per_page"))
			if size > p.most || size > 0 && size < min(p.most, 100) {
				t.Errorf("%s: asks for pages of %d, the API takes %d", p.service, size, p.most)
			}
		}
		for _, h := range s.headers {
			if h.Get("Authorization") != "Bearer "+token || h.Get("Accept-Encoding") == "identity" || h.Get("X-Auth-Key") != "" {
				t.Errorf("%s: sent %v", p.service, h)
			}
		}
	}
}

// hintOf is what an error advises.
func hintOf(err error) string {
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return e.Hint
	}
	return ""
}
