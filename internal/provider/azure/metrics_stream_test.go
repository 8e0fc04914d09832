package azure

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// wholeOf reads an answer at subscription scope for CPU (an average) and disk (a total) until noon.
func wholeOf(answer string) (*whole, error) {
	noon := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	b := &batch{group: &group{window: cloud.Window{From: noon.Add(-10 * time.Minute), To: noon}}, metrics: []metric{
		{azure: "Percentage CPU", name: cloud.CPUUsagePercent},
		{azure: "Disk Read Bytes", name: cloud.DiskReadBytesPerSec, total: true},
	}}
	w := &whole{newest: map[string][]cloud.Metric{}}
	r := &wholeReader{whole: w, batch: b, op: "read"}
	err := r.answer(json.NewDecoder(strings.NewReader(answer)))
	for i := range r.waiting {
		r.keep(&r.waiting[i])
	}
	return w, err
}

func TestAnswersAtSubscriptionScopeAreReadMetricByMetric(t *testing.T) {
	t.Parallel()
	of := func(id, data string) string {
		return `{"metadatavalues":[{"name":{"value":"Microsoft.ResourceId"},"value":"` + id + `"}],"data":[` + data + `]}`
	}
	cpu := func(series string) string { return `{"name":{"value":"Percentage CPU"},"timeseries":[` + series + `]}` }
	early, late := `{"timeStamp":"2026-11-01T11:50:00Z","average":10}`, `{"timeStamp":"2026-11-01T11:58:00Z","average":20}`
	for _, c := range []struct{ name, answer, want string }{
		{"the newest value", `{"interval":"PT1M","value":[` + cpu(of("/VM/A", early+","+late)) + `]}`, "/vm/a cpu_usage_percent=20@11:59"},
		{"order of values", `{"interval":"PT1M","value":[` + cpu(of("/vm/a", late+","+early)) + `]}`, "/vm/a cpu_usage_percent=20@11:59"},
		{"steps that are not over", `{"interval":"PT5M","value":[` + cpu(of("/vm/a", early+","+late)) + `]}`, "/vm/a cpu_usage_percent=10@11:55"},
		{"an interval that comes last", `{"value":[` + cpu(of("/vm/a", early+","+late)) + `],"interval":"PT5M"}`, "/vm/a cpu_usage_percent=10@11:55"},
		{"a total as a rate", `{"interval":"PT1M","value":[{"timeseries":[` + of("/vm/a", `{"timeStamp":"2026-11-01T11:58:00Z","total":120}`) +
			`],"name":{"value":"disk read bytes"}}]}`, "/vm/a disk_read_bytes_per_second=2@11:59"},
		{"two metrics of two resources", `{"interval":"PT1M","value":[` + cpu(of("/vm/a", late)+","+of("/vm/b", late)) + `,{"name":{"value":"Disk Read Bytes"},"timeseries":[` +
			of("/vm/b", `{"timeStamp":"2026-11-01T11:58:00Z","total":60}`) + `]}]}`,
			"/vm/a cpu_usage_percent=20@11:59 | /vm/b cpu_usage_percent=20@11:59 disk_read_bytes_per_second=1@11:59"},
		{"a resource without a value", `{"interval":"PT1M","value":[` + cpu(of("/vm/a", `{"timeStamp":"2026-11-01T11:58:00Z"}`)) + `]}`, "/vm/a"},
		{"a metric that was not asked for", `{"interval":"PT1M","value":[{"name":{"value":"Other"},"timeseries":[` + of("/vm/a", late) + `]}]}`, ""},
		{"lists that are null", `{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"timeseries":null}]}`, ""},
		{"no list", `{"interval":"PT1M","value":null,"cost":0}`, ""},
		{"nothing", `null`, ""},
		{"a metric that Azure could not read", `{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"errorCode":"Throttled","errorMessage":"later","timeseries":[` +
			of("/vm/a", "") + `]}]}`, "/vm/a | failed Percentage CPU: Throttled later"},
		{"an odd series beside a good one", `{"interval":"PT1M","value":[` + cpu(`{"data":7},`+of("/vm/a", late)) + `]}`,
			"/vm/a cpu_usage_percent=20@11:59 | missing azure: read: a part of the answer is not what is expected: data is a number"},
		{"unknown members", `{"timespan":"x","interval":"PT1M","value":[{"id":{"deep":[1,{}]},"name":{"value":"Percentage CPU"},"unit":"Percent","timeseries":[` + of("/vm/a", late) + `]}]}`,
			"/vm/a cpu_usage_percent=20@11:59"},
		{"a text where the list should be", `{"interval":"PT1M","value":"none"}`, `error "[" is expected, and the answer has a text`},
		{"a list where the object should be", `[]`, `error "{" is expected, and the answer has a "["`},
		{"an answer that breaks off", `{"interval":"PT1M","value":[` + cpu(of("/vm/a", late)), "/vm/a cpu_usage_percent=20@11:59 | error EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, err := wholeOf(c.answer)
			if got := shownWhole(w, err); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// shownWhole prints what was read, by resource.
func shownWhole(w *whole, err error) string {
	var parts []string
	for _, id := range []string{"/vm/a", "/vm/b"} {
		metrics, ok := w.newest[id]
		if !ok {
			continue
		}
		text := id
		for _, m := range metrics {
			text += fmt.Sprintf(" %s=%v@%s", m.Name, m.Value, m.At.Time().Format("15:04"))
		}
		parts = append(parts, text)
	}
	for _, f := range w.failed {
		parts = append(parts, "failed "+f)
	}
	if w.missing != nil {
		parts = append(parts, "missing "+w.missing.Error())
	}
	if err != nil {
		parts = append(parts, "error "+err.Error())
	}
	return strings.Join(parts, " | ")
}

func FuzzWholeAnswer(f *testing.F) {
	f.Add(`{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":1}]}]}]}`)
	f.Add(`{"value":[null,{}],"interval":7}`)
	f.Fuzz(func(t *testing.T, answer string) {
		w, _ := wholeOf(answer)
		for id, metrics := range w.newest {
			if id != strings.ToLower(id) {
				t.Errorf("resource %q", id)
			}
			for _, m := range metrics {
				if m.At == 0 || m.Name == "" {
					t.Errorf("metric %+v", m)
				}
			}
		}
	})
}
