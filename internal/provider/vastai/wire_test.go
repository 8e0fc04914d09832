package vastai

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLooseTypesTakeWhatTheApiSends(t *testing.T) {
	t.Parallel()
	var got struct {
		A, B, C, D, E number
		F, G, H, I    word
		J, K, L, M    flag
		N, O, P       moment
		Q, R, S       strlist
		T, U, V       portmap
		W, X          users
	}
	const text = `{"A":1.5,"B":"18.04","C":null,"D":-1,"E":"","F":"a ","G":null,"H":18.04,"I":false,
		"J":true,"K":0,"L":null,"M":1,"N":"2023-10-01T12:00:00Z","O":1696161600.5,"P":null,
		"Q":"10.0.0.5 172.17.0.2 \n","R":["a","b"],"S":null,
		"T":{"8888/tcp":[{"HostIp":"0.0.0.0","HostPort":"8888"},{"HostIp":"::","HostPort":"8888"}],"22/tcp":[{"HostPort":20000}]},
		"U":[8080,8081],"V":null,"W":[{"id":7,"jupyter_token":"MARKER"},{"id":8}],"X":[9,"10"]}`
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2023, time.October, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"number", got.A == number{1.5, true}}, {"number in a text", got.B == number{18.04, true}},
		{"null number", got.C == number{}}, {"negative number", got.D == number{-1, true}}, {"empty number", got.E == number{}},
		{"text", got.F == "a"}, {"null text", got.G == ""}, {"number as text", got.H == "18.04"}, {"bool as text", got.I == "false"},
		{"true", got.J == flag{true, true}}, {"0 is false", got.K == flag{false, true}}, {"null flag", got.L == flag{}},
		{"1 is true", got.M == flag{true, true}}, {"time as text", got.N.Equal(at)},
		{"time as number", got.O.Equal(at.Add(500 * time.Millisecond))}, {"null time", got.P.IsZero()},
		{"list in a text", slices.Equal(got.Q, []string{"10.0.0.5", "172.17.0.2"})},
		{"list", slices.Equal(got.R, []string{"a", "b"})}, {"null list", len(got.S) == 0},
		{"ports by name", slices.Equal(got.T, []string{"22/tcp:20000", "8888/tcp:8888"})},
		{"ports in a list", slices.Equal(got.U, []string{"8080", "8081"})}, {"null ports", len(got.V) == 0},
		{"users as objects", slices.Equal(got.W, []string{"7", "8"})}, {"users as numbers", slices.Equal(got.X, []string{"9", "10"})},
	} {
		if !c.ok {
			t.Errorf("%s: decoded %+v", c.what, got)
		}
	}
}

func TestOtherTypesAreErrorsWithoutTheirValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		into any
	}{
		{`"MARKER"`, new(number)}, {`{"a":"MARKER"}`, new(number)}, {`[1]`, new(number)}, {`true`, new(number)}, {`"NaN"`, new(number)},
		{`"1e999"`, new(number)}, {`{"a":"MARKER"}`, new(word)}, {`["MARKER"]`, new(word)}, {`"MARKER"`, new(flag)}, {`2`, new(flag)},
		{`"MARKER"`, new(moment)}, {`{}`, new(moment)}, {`[{"a":"MARKER"}]`, new(strlist)}, {`{"a":1}`, new(strlist)},
		{`"MARKER"`, new(portmap)}, {`{"22/tcp":"MARKER"}`, new(portmap)}, {`"MARKER"`, new(users)}, {`{"id":1}`, new(users)},
	} {
		err := json.Unmarshal([]byte(c.text), c.into)
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			t.Errorf("%s into %T: got %v, want a *json.UnmarshalTypeError", c.text, c.into, err)
		} else if strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%s into %T: %v shows the value", c.text, c.into, err)
		}
	}
}

func TestMomentsThatAreNoneAreZero(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{0, -1, 1668804745122, 1e300} {
		if got := (number{v, true}).time(); !got.IsZero() {
			t.Errorf("%v: got %v, want the zero time", v, got)
		}
	}
	want := time.Date(2022, time.November, 18, 20, 52, 25, 122317000, time.UTC)
	if got := (number{1668804745.1223178, true}).time(); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// FuzzDecode checks that whatever an answer holds can be mapped without harm.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"success":true,"next_token":null,"instances":[{"id":1,"actual_status":null,"ports":{},"volume_info":[{"id":2}]}]}`,
		`{"results":[{"id":1,"created_at":1.5,"source":"instance-1","start":1,"end":2,"amount":-1}]}`, `{"instances":[{}]}`,
		`{"offers":[{"id":1,"cpu_cores":null,"cpu_ram":64000,"gpu_frac":2}]}`, `{"gpus":[{"total":1e300,"usage":"x"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &driver{now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
		var all struct {
			Instances []instance  `json:"instances"`
			Volumes   []volume    `json:"volumes"`
			Results   []endpoint  `json:"results"`
			Offers    []offer     `json:"offers"`
			GPUs      []gpuMarket `json:"gpus"`
		}
		if json.Unmarshal(data, &all) != nil {
			return
		}
		for _, r := range d.instances("a", all.Instances) {
			for _, m := range r.Metrics {
				if m.Value < 0 || strings.HasSuffix(m.Name, "_percent") && m.Value > 100 {
					t.Errorf("%s: got reading %+v", data, m)
				}
			}
			if r.Cost != nil && r.Cost.Low < 0 {
				t.Errorf("%s: got cost %+v", data, r.Cost)
			}
		}
		for i := range all.Volumes {
			d.volume("a", &all.Volumes[i])
		}
		for i := range all.Results {
			all.Results[i].resource("a")
		}
		for i := range all.Offers {
			if o := all.Offers[i].offer(true, d.now()); o.MemoryGB < 0 || o.VCPUs < 0 || o.DiskGB < 0 {
				t.Errorf("%s: got offer %+v", data, o)
			}
		}
		for i := range all.GPUs {
			d.market(&all.GPUs[i])
		}
	})
}
