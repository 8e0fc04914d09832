package vastai

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/pkg/loose"
)

func TestListsTakeWhatTheApiSends(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`"10.0.0.5 172.17.0.2 \n"`: {"10.0.0.5", "172.17.0.2"}, `["a","b"]`: {"a", "b"}, `null`: nil, `""`: nil, `[]`: nil,
	} {
		if got := decodedAs[strlist](t, text); !slices.Equal(got, want) {
			t.Errorf("addresses %s: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string][]string{
		`{"8888/tcp":[{"HostIp":"0.0.0.0","HostPort":"8888"},{"HostIp":"::","HostPort":"8888"}],"22/tcp":[{"HostPort":20000}]}`: {"22/tcp:20000", "8888/tcp:8888"},
		`[8080,8081]`: {"8080", "8081"}, `null`: nil, `{}`: nil, `{"22/tcp":null}`: nil,
	} {
		if got := decodedAs[portmap](t, text); !slices.Equal(got, want) {
			t.Errorf("ports %s: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string][]string{
		`[{"id":7,"jupyter_token":"MARKER"},{"id":"8"},{"id":null}]`: {"7", "8"}, `[9,"10"]`: {"9", "10"}, `null`: nil, `[]`: nil,
	} {
		if got := decodedAs[users](t, text); !slices.Equal(got, want) {
			t.Errorf("users %s: got %q, want %q", text, got, want)
		}
	}
}

func decodedAs[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Errorf("%s into %T: %v", text, v, err)
	}
	return v
}

func TestListsOfOtherTypesAreErrorsWithoutTheirValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		into any
	}{
		{`[{"a":"MARKER"}]`, new(strlist)}, {`{"a":1}`, new(strlist)}, {`"MARKER"`, new(portmap)}, {`{"22/tcp":"MARKER"}`, new(portmap)},
		{`"MARKER"`, new(users)}, {`{"id":1}`, new(users)},
	} {
		err := json.Unmarshal([]byte(c.text), c.into)
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			t.Errorf("%s into %T: got %v, want a *json.UnmarshalTypeError", c.text, c.into, err)
		} else if strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%s into %T: %v shows the value", c.text, c.into, err)
		}
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
			Instances loose.List[instance]  `json:"instances"`
			Volumes   loose.List[volume]    `json:"volumes"`
			Results   loose.List[endpoint]  `json:"results"`
			Offers    loose.List[offer]     `json:"offers"`
			GPUs      loose.List[gpuMarket] `json:"gpus"`
		}
		if json.Unmarshal(data, &all) != nil {
			return
		}
		for i := range all.Instances.All {
			r := all.Instances.All[i].resource("a", &d.percent, d.now())
			for _, m := range r.Metrics {
				if m.Value < 0 || strings.HasSuffix(m.Name, "_percent") && m.Value > 100 {
					t.Errorf("%s: got reading %+v", data, m)
				}
			}
			if r.Cost != nil && r.Cost.Low < 0 {
				t.Errorf("%s: got cost %+v", data, r.Cost)
			}
		}
		for i := range all.Volumes.All {
			d.volume("a", &all.Volumes.All[i])
		}
		for i := range all.Results.All {
			all.Results.All[i].resource("a")
		}
		for i := range all.Offers.All {
			if o := all.Offers.All[i].offer(true, d.now()); o.MemoryGB < 0 || o.VCPUs < 0 || o.DiskGB < 0 {
				t.Errorf("%s: got offer %+v", data, o)
			}
		}
		for i := range all.GPUs.All {
			d.market(&all.GPUs.All[i])
		}
	})
}
