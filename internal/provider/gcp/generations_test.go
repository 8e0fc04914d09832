package gcp_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

const place = "projects/p/locations/us-east1/"

// measure lists functions, as JSON, and then reads the metrics of those with these names; a handler answers
// timeSeries.list.
func measure(t *testing.T, listed string, names []string, handler http.HandlerFunc) ([]cloud.Sample, error) {
	t.Helper()
	lists := answers(map[string]string{"/v2/projects/p/locations/-/functions": `{"functions":[` + listed + `]}`})
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "monitoring.googleapis.com" {
			handler(w, r)
			return
		}
		lists(w, r)
	}), nil)
	if listed != "" {
		if _, err := list(t, conn, "functions"); err != nil {
			t.Fatal(err)
		}
	}
	var refs []cloud.Ref
	for _, name := range names {
		refs = append(refs, ref("functions", place+"functions/"+name, false))
	}
	w := cloud.Window{From: sim.Epoch.Add(-7 * time.Minute), To: sim.Epoch}
	return provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, w))
}

// fn is a function of a listing. The service that runs it may be left out.
func fn(name, generation, service string) string {
	config := ""
	if service != "" {
		config = `,"serviceConfig":{"service":"` + place + `services/` + service + `"}`
	}
	return `{"name":"` + place + `functions/` + name + `","state":"ACTIVE","environment":"` + generation + `"` + config + `}`
}

// TestOnlyTheGenerationsThatThereAreAreAskedFor: each call is billed by what it returns.
func TestOnlyTheGenerationsThatThereAreAreAskedFor(t *testing.T) {
	t.Parallel()
	first, second, next := fn("old", "GEN_1", ""), fn("new", "GEN_2", "new"), fn("next", "GEN_3", "")
	for _, c := range []struct {
		name   string
		listed string
		read   []string
		want   map[string]int // calls by resource.type
	}{
		{"the first", first, []string{"old"}, map[string]int{"cloud_function": 3}},
		{"the second", second, []string{"new"}, map[string]int{"cloud_run_revision": 5}},
		{"both", first + "," + second, []string{"old", "new"}, map[string]int{"cloud_function": 3, "cloud_run_revision": 5}},
		{"both are there, and one is read", first + "," + second, []string{"new"}, map[string]int{"cloud_run_revision": 5}},
		{"one that nobody knows yet", next, []string{"next"}, map[string]int{"cloud_function": 3, "cloud_run_revision": 5}},
		{"one that is not said", fn("mute", "", ""), []string{"mute"}, map[string]int{"cloud_function": 3, "cloud_run_revision": 5}},
		{"the listing came from a cache", "", []string{"old"}, map[string]int{"cloud_function": 3, "cloud_run_revision": 5}},
		{"there are none", first, nil, map[string]int{}},
	} {
		var got asked
		_, err := measure(t, c.listed, c.read, func(w http.ResponseWriter, r *http.Request) {
			got.note(r)
			_, _ = fmt.Fprint(w, `{}`)
		})
		calls := map[string]int{}
		for _, q := range got.all {
			_, kind, _ := strings.Cut(q["filter"][0], `resource.type = "`)
			calls[strings.Trim(kind, `"`)]++
		}
		if err != nil || fmt.Sprint(calls) != fmt.Sprint(c.want) {
			t.Errorf("%s: got calls %v, %v; want %v", c.name, calls, err, c.want)
		}
	}
}

// rated answers with series of a count: each is labels of the resource, labels of the metric, minute and value.
func rated(next string, series ...[4]string) string {
	var all []string
	for _, s := range series {
		all = append(all, fmt.Sprintf(`{"metric":{"labels":{%s}},"resource":{"labels":{%s}},"points":[{"interval":{"endTime":"2026-11-01T11:%s:00Z"},"value":{"doubleValue":%s}}]}`,
			s[1], s[0], s[2], s[3]))
	}
	return `{"unit":"1/s","timeSeries":[` + strings.Join(all, ",") + `],"nextPageToken":"` + next + `"}`
}

func TestSeriesOfFunctionsAreFoundWhereverTheyAre(t *testing.T) {
	t.Parallel()
	executed := func(name, value string) [4]string {
		return [4]string{`"region":"us-east1","function_name":"` + name + `"`, `"status":"ok"`, "56", value}
	}
	served := func(name, value string) [4]string {
		return [4]string{`"location":"us-east1","service_name":"` + name + `"`, `"response_code_class":"2xx"`, "56", value}
	}
	type all = [][4]string
	for _, c := range []struct {
		name          string
		listed        string
		read          []string
		first, second all
		want          string // requests of each that has any
	}{
		{"of the first generation", fn("f", "GEN_1", ""), []string{"f"}, all{executed("f", "2")}, nil, "f=2"},
		{"of the second, by its service", fn("f", "GEN_2", "f-7"), []string{"f"}, nil, all{served("f", "1"), served("f-7", "3")}, "f=3"},
		{"of the second, whose service is not said", fn("On_Upload", "GEN_2", ""), []string{"On_Upload"}, nil, all{served("on-upload", "3")}, "On_Upload=3"},
		{
			"each its own", fn("f", "GEN_1", "") + "," + fn("g", "GEN_2", "g"), []string{"f", "g"}, all{executed("f", "2")}, all{served("g", "3")}, "f=2 g=3",
		},
		{
			"a service that is called like a function of the first", fn("f", "GEN_1", "") + "," + fn("g", "GEN_2", "g"), []string{"f", "g"},
			nil, all{served("f", "9"), served("g", "3")}, "g=3",
		},
		{
			"the second among those of the first", fn("f", "GEN_1", "") + "," + fn("g", "GEN_2", "g"), []string{"f", "g"},
			all{executed("f", "2"), executed("g", "3")}, nil, "f=2 g=3",
		},
		{"not listed, of the first", "", []string{"f"}, all{executed("f", "2")}, nil, "f=2"},
		{"not listed, of the second", "", []string{"f"}, nil, all{served("f", "3")}, "f=3"},
		{"not listed, in both places", "", []string{"f"}, all{executed("f", "2")}, all{served("f", "3")}, "f=2"},
		{"in another region", fn("f", "GEN_1", ""), []string{"f"}, all{{`"region":"us-west1","function_name":"f"`, `"status":"ok"`, "56", "2"}}, nil, ""},
		{"of another's", fn("f", "GEN_2", "f"), []string{"f"}, nil, all{served("g", "3")}, ""},
	} {
		samples, err := measure(t, c.listed, c.read, func(w http.ResponseWriter, r *http.Request) {
			body := `{}`
			switch filter := r.URL.Query().Get("filter"); {
			case strings.Contains(filter, "execution_count"):
				body = rated("", c.first...)
			case strings.Contains(filter, "request_count"):
				body = rated("", c.second...)
			}
			_, _ = fmt.Fprint(w, body)
		})
		var got []string
		for _, s := range samples {
			if s.Metric.Name == cloud.RequestsPerSec {
				got = append(got, fmt.Sprintf("%s=%g", s.ID[strings.LastIndexByte(s.ID, '/')+1:], s.Metric.Value))
			}
		}
		slices.Sort(got)
		if text := strings.Join(got, " "); err != nil || text != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, text, err, c.want)
		}
	}
}

// TestFailuresAreToldByHowRequestsEnd reads requests and failures from one call.
func TestFailuresAreToldByHowRequestsEnd(t *testing.T) {
	t.Parallel()
	executed := func(status, minute, value string) [4]string {
		return [4]string{`"region":"us-east1","function_name":"f"`, `"status":"` + status + `"`, minute, value}
	}
	served := func(class, minute, value string) [4]string {
		return [4]string{`"location":"us-east1","service_name":"f"`, `"response_code_class":"` + class + `"`, minute, value}
	}
	for _, c := range []struct {
		name       string
		generation string
		pages      [][][4]string
		want       string
	}{
		{"none", "GEN_1", [][][4]string{{executed("ok", "56", "2")}}, "errors_per_second=0@56 requests_per_second=2@56"},
		{
			"of every kind", "GEN_1", [][][4]string{{executed("error", "56", "0.5"), executed("ok", "56", "2"), executed("timeout", "56", "0.25")}},
			"errors_per_second=0.75@56 requests_per_second=2.75@56",
		},
		{"all of them", "GEN_1", [][][4]string{{executed("crash", "56", "4")}}, "errors_per_second=4@56 requests_per_second=4@56"},
		{
			"some minutes ago", "GEN_1", [][][4]string{{executed("error", "53", "5"), executed("ok", "56", "2"), executed("timeout", "54", "5")}},
			"errors_per_second=0@56 requests_per_second=2@56",
		},
		{
			"in the last minute alone", "GEN_1", [][][4]string{{executed("ok", "53", "2"), executed("error", "56", "1")}},
			"errors_per_second=1@56 requests_per_second=1@56",
		},
		{
			"on another page", "GEN_1", [][][4]string{{executed("ok", "56", "2")}, {executed("error", "56", "1")}},
			"errors_per_second=1@56 requests_per_second=3@56",
		},
		{"nobody knows how they ended", "GEN_1", [][][4]string{{{`"region":"us-east1","function_name":"f"`, "", "56", "2"}}}, "requests_per_second=2@56"},
		{
			"a part ended nobody knows how", "GEN_1", [][][4]string{{executed("ok", "56", "2"), executed("", "56", "1")}}, "requests_per_second=3@56",
		},
		{
			"of the service, not of who calls it", "GEN_2", [][][4]string{{served("2xx", "56", "2"), served("4xx", "56", "3"), served("5xx", "56", "1")}},
			"errors_per_second=1@56 requests_per_second=6@56",
		},
		{"nothing is counted", "GEN_2", [][][4]string{{}}, ""},
	} {
		samples, err := measure(t, fn("f", c.generation, ""), []string{"f"}, func(w http.ResponseWriter, r *http.Request) {
			q, body := r.URL.Query(), `{}`
			if strings.Contains(q.Get("filter"), "_count") {
				if !strings.Contains(q.Get("fields"), "metric/labels") {
					t.Errorf("%s: the labels are not asked for: %s", c.name, q.Get("fields"))
				}
				page := len(q.Get("pageToken"))
				next := ""
				if page+1 < len(c.pages) {
					next = strings.Repeat("x", page+1)
				}
				body = rated(next, c.pages[page]...)
			}
			_, _ = fmt.Fprint(w, body)
		})
		var got []string
		for _, s := range samples {
			got = append(got, fmt.Sprintf("%s=%g@%d", s.Metric.Name, s.Metric.Value, s.Metric.At.Time().Minute()))
		}
		slices.Sort(got)
		if text := strings.Join(got, " "); err != nil || text != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, text, err, c.want)
		}
	}
}
