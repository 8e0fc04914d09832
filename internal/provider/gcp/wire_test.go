package gcp

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestTextsAndNumbersAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	type row struct {
		T text
		N number
	}
	for in, want := range map[string]row{
		`{"T":"a","N":1.5}`:                  {"a", number{1.5, true}},
		`{"T":"18446744073709551615","N":0}`: {"18446744073709551615", number{0, true}},
		`{"T":42,"N":"42"}`:                  {"42", number{42, true}},
		`{"T":true,"N":"-1e3"}`:              {"true", number{-1000, true}},
		`{"T":null,"N":null}`:                {},
		`{"T":"","N":""}`:                    {},
		`{}`:                                 {},
		`{"N":"NaN"}`:                        {N: number{math.NaN(), false}},
		`{"N":"Infinity"}`:                   {N: number{math.Inf(1), false}},
		`{"N":"-Infinity"}`:                  {N: number{math.Inf(-1), false}},
		`{"N":"1e999"}`:                      {N: number{math.Inf(1), false}},
	} {
		var got row
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if got.T != want.T || got.N.known != want.N.known || (want.N.known && got.N.value != want.N.value) {
			t.Errorf("%s: got %+v, want %+v", in, got, want)
		}
	}
	for _, in := range []string{`{"T":{}}`, `{"T":[1]}`, `{"N":"many"}`, `{"N":{}}`, `{"N":true}`} {
		if err := json.Unmarshal([]byte(in), new(row)); err == nil {
			t.Errorf("%s: got no error", in)
		}
	}
}

func TestAnOddElementLeavesTheOthers(t *testing.T) {
	t.Parallel()
	type row struct {
		Name string
		N    number
	}
	for _, c := range []struct {
		in    string
		names []string
		odd   int
	}{
		{`[{"Name":"a"},{"Name":"b"}]`, []string{"a", "b"}, 0},
		{`[]`, nil, 0},
		{`null`, nil, 0},
		{`[{"Name":"a"},null,{"Name":"b"}]`, []string{"a", "b"}, 1},
		{`[7,{"Name":"a"},"x",[]]`, []string{"a"}, 3},
		{`[{"Name":7,"N":1},{"Name":"a","N":{}}]`, []string{"", "a"}, 2},
		{`[{"Name":null}]`, []string{""}, 0},
	} {
		var got some[row]
		if err := json.Unmarshal([]byte(c.in), &got); err != nil {
			t.Errorf("%s: %v", c.in, err)
		}
		if len(got.all) != len(c.names) || got.odd != c.odd || len(got.lost("list")) != min(c.odd, 1) {
			t.Errorf("%s: got %+v, want %q and %d odd ones", c.in, got, c.names, c.odd)
			continue
		}
		for i, name := range c.names {
			if got.all[i].Name != name {
				t.Errorf("%s: element %d is %q, want %q", c.in, i, got.all[i].Name, name)
			}
		}
		var streamed some[row]
		var names []string
		err := streamed.stream(json.NewDecoder(strings.NewReader(c.in)), func(r *row) {
			if r.Name != "" {
				names = append(names, r.Name)
			}
		})
		if want := slices.DeleteFunc(slices.Clone(c.names), func(n string) bool { return n == "" }); err != nil || streamed.odd != c.odd || !slices.Equal(names, want) {
			t.Errorf("%s, as it arrives: got %q, %d odd ones and %v, want %q and %d", c.in, names, streamed.odd, err, want, c.odd)
		}
	}
	for _, in := range []string{`{}`, `7`, `"x"`} {
		if err := json.Unmarshal([]byte(in), new(some[row])); err == nil {
			t.Errorf("%s: got no error for what is no list", in)
		}
		if err := new(some[row]).stream(json.NewDecoder(strings.NewReader(in)), func(*row) {}); err == nil {
			t.Errorf("%s, as it arrives: got no error for what is no list", in)
		}
	}
}

// FuzzAnswers decodes anything as each page: it must not panic, and what it keeps must come from the list.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"items":{"zones/a":{"instances":[{"id":"1","disks":[{"diskSizeGb":"50"}]},null]}}}`, `{"clusters":[{"name":5}],"missingZones":["a"]}`,
		`{"timeSeries":[{"points":[{"interval":{"endTime":"x"},"value":{"doubleValue":"NaN"}}]}],"unit":"%"}`, `{"services":[[]]}`, `{"functions":7}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var instances instancePage
		if json.Unmarshal(data, &instances) == nil {
			for _, zone := range instances.Items {
				for i := range zone.Instances.all {
					zone.Instances.all[i].resource(cloud.Query{})
				}
			}
		}
		var clusters clusterPage
		_ = json.Unmarshal(data, &clusters)
		for i := range clusters.Clusters.all {
			clusters.Clusters.all[i].resource(cloud.Query{})
		}
		var functions functionPage
		_ = json.Unmarshal(data, &functions)
		for i := range functions.Functions.all {
			functions.Functions.all[i].resource(cloud.Query{})
		}
		var services runPage
		_ = json.Unmarshal(data, &services)
		for i := range services.Services.all {
			services.Services.all[i].resource(cloud.Query{})
		}
		var databases databasePage
		_ = json.Unmarshal(data, &databases)
		for i := range databases.Items.all {
			databases.Items.all[i].resource(cloud.Query{})
		}
		var series seriesPage
		if series.read(json.NewDecoder(bytes.NewReader(data))) == nil {
			for _, s := range series.newest {
				if s.at == 0 || math.IsNaN(s.value) {
					t.Errorf("got %+v from %s", s, data)
				}
			}
		}
	})
}
