package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestEachFaultStrikesAsItSays(t *testing.T) {
	t.Parallel()
	type result struct {
		resp *http.Response
		body string
		err  error
		took time.Duration
	}
	for _, c := range []struct {
		name  string
		fault sim.Fault
		ok    func(result) bool
	}{
		{"status", sim.Fault{Action: "status", Status: 403}, func(r result) bool {
			return r.err == nil && r.resp.StatusCode == 403 && r.body == "echo says 403"
		}},
		{"status with seconds", sim.Fault{Action: "status", Status: 429, RetryAfter: "3"}, func(r result) bool {
			return r.resp.StatusCode == 429 && r.resp.Header.Get("Retry-After") == "3"
		}},
		{"status with a date", sim.Fault{Action: "status", Status: 429, RetryAfter: "date:3s"}, func(r result) bool {
			date, _ := http.ParseTime(r.resp.Header.Get("Date"))
			after, err := http.ParseTime(r.resp.Header.Get("Retry-After"))
			return err == nil && after.Sub(date) >= 3*time.Second && after.Sub(date) <= 4*time.Second
		}},
		{"delay", sim.Fault{Action: "delay", Delay: sim.Duration(60 * time.Millisecond)}, func(r result) bool {
			return r.err == nil && r.took >= 60*time.Millisecond && strings.HasPrefix(r.body, "echo GET")
		}},
		{"hang", sim.Fault{Action: "hang"}, func(r result) bool { return r.err != nil && r.took >= 900*time.Millisecond }},
		{"reset", sim.Fault{Action: "reset"}, func(r result) bool { return r.err != nil && r.resp == nil && r.took < time.Second }},
		{"truncate", sim.Fault{Action: "truncate"}, func(r result) bool {
			return r.err != nil && r.resp.StatusCode == 200 && strings.HasPrefix("echo GET api.echo.example", r.body)
		}},
		{"malformed", sim.Fault{Action: "malformed"}, func(r result) bool {
			return r.err == nil && r.resp.StatusCode == 200 && !json.Valid([]byte(r.body)) && strings.HasPrefix(r.body, "{")
		}},
		{"wrong_type", sim.Fault{Action: "wrong_type"}, func(r result) bool {
			var s string
			return r.err == nil && r.resp.StatusCode == 200 && json.Unmarshal([]byte(r.body), &s) == nil
		}},
		{"huge", sim.Fault{Action: "huge"}, func(r result) bool { return r.err == nil && len(r.body) > 64<<20 && r.body[0] == '{' }},
		{"skew", sim.Fault{Action: "skew", Skew: sim.Duration(-20 * time.Minute)}, func(r result) bool {
			date, err := http.ParseTime(r.resp.Header.Get("Date"))
			return err == nil && sim.Epoch.Add(-20*time.Minute).Sub(date).Abs() < time.Minute
		}},
	} {
		if !slices.Contains(sim.Actions(), c.fault.Action) {
			t.Errorf("%s is not in Actions", c.fault.Action)
		}
		for _, way := range ways() {
			t.Run(c.name+" "+way.name, func(t *testing.T) {
				t.Parallel()
				u, _ := world(c.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				if c.name == "hang" {
					ctx, cancel = context.WithTimeout(t.Context(), time.Second)
					defer cancel()
				}
				rt := way.open(t, u)
				started := time.Now()
				resp, body, err := ask(ctx, rt, "GET", "https://"+echoHost+"/", "")
				r := result{resp, body, err, time.Since(started)}
				if !c.ok(r) {
					t.Errorf("got %+v, %d bytes %.100q, %v after %s", resp, len(body), body, err, r.took)
				}
			})
		}
	}
}

func TestFaultsChooseTheirCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault sim.Fault
		want  string // one letter for each of ten calls: x was struck
	}{
		"all":               {sim.Fault{}, "xxxxxxxxxx"},
		"from the third":    {sim.Fault{From: 3}, "..xxxxxxxx"},
		"two from the 3rd":  {sim.Fault{From: 3, Count: 2}, "..xx......"},
		"every third":       {sim.Fault{Every: 3}, "x..x..x..x"},
		"every 2nd of four": {sim.Fault{From: 2, Count: 4, Every: 2}, ".x.x......"},
		"a path":            {sim.Fault{Path: "/odd*"}, ".x.x.x.x.x"},
		"second odd":        {sim.Fault{Path: "/odd*", From: 2, Count: 1}, "...x......"},
		"the host":          {sim.Fault{Host: "api.*.example"}, "xxxxxxxxxx"},
		"another host":      {sim.Fault{Host: "api.other.example"}, ".........."},
		"the provider":      {sim.Fault{Provider: "echo"}, "xxxxxxxxxx"},
		"another provider":  {sim.Fault{Provider: "other"}, ".........."},
		"the method":        {sim.Fault{Method: "GET"}, "xxxxxxxxxx"},
		"another method":    {sim.Fault{Method: "POST"}, ".........."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.fault.Action, c.fault.Status = "status", 500
			u, _ := world(c.fault)
			got := ""
			for i := range 10 {
				path := []string{"/even", "/odd"}[i%2]
				resp, _, err := ask(t.Context(), u.Transport(), "GET", fmt.Sprintf("https://%s%s/%d", echoHost, path, i), "")
				switch {
				case err != nil:
					t.Fatal(err)
				case resp.StatusCode == 500:
					got += "x"
				default:
					got += "."
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestFaultsAddUp(t *testing.T) {
	t.Parallel()
	u, _ := world(
		sim.Fault{Action: "delay", Delay: sim.Duration(50 * time.Millisecond)}, sim.Fault{Action: "status", Status: 503},
	)
	started := time.Now()
	resp, _, err := ask(t.Context(), u.Transport(), "GET", "https://"+echoHost+"/", "")
	if err != nil || resp.StatusCode != 503 || time.Since(started) < 50*time.Millisecond {
		t.Errorf("got %v, %v after %s, want 503 after 50ms", resp, err, time.Since(started))
	}
}

func TestADelayEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	u, _ := world(sim.Fault{Action: "delay", Delay: sim.Duration(time.Hour)})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := ask(ctx, u.Transport(), "GET", "https://"+echoHost+"/", ""); err == nil {
		t.Error("no error")
	}
	eventually(t, "the handler has ended", func() bool { return len(u.Stats()) == 1 })
}

func TestAScriptIsReadStrictly(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`[]`: "",
		`[{"provider":"x","host":"*","path":"/v1/*","method":"GET","from":2,"count":3,"every":2,"action":"status","status":429,"retry_after":"date:3s"}]`: "",
		`[{"action":"delay","delay":"1.5s"},{"action":"skew","skew":"-20m"},{"action":"huge"}]`:                                                           "",
		``:                                     "EOF",
		`{}`:                                   "cannot unmarshal",
		`[{"action":"explode"}]`:               `fault 1: action "explode" is not one of status, delay`,
		`[{"action":"reset"},{}]`:              `fault 2: action ""`,
		`[{"action":"reset","oops":1}]`:        `unknown field "oops"`,
		`[{"action":"status"}]`:                "status 0 is not between",
		`[{"action":"status","status":200}]`:   "status 200 is not between",
		`[{"action":"delay"}]`:                 "needs a duration",
		`[{"action":"delay","delay":"fast"}]`:  "invalid duration",
		`[{"action":"reset","from":-1}]`:       "cannot be negative",
		`[{"action":"reset"}] [{"action":""}]`: "something after",
		`[{"action":"status","status":429,"retry_after":"date:soon"}]`: "retry_after",
	} {
		faults, err := sim.ReadFaults(strings.NewReader(script))
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, %v, want an error with %q", script, faults, err, want)
		}
	}
}

func TestAScriptIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	want := []sim.Fault{{Host: "a", Action: "delay", Delay: sim.Duration(1500 * time.Millisecond)}}
	data, err := json.Marshal(want)
	if err != nil || !strings.Contains(string(data), `"delay":"1.5s"`) {
		t.Fatalf("got %s, %v", data, err)
	}
	if got, err := sim.ReadFaults(strings.NewReader(string(data))); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func FuzzReadFaults(f *testing.F) {
	f.Add(`[{"action":"status","status":429,"retry_after":"date:3s","from":1}]`)
	f.Add(`[{"action":"delay","delay":"1s"}]`)
	f.Add(`[null]`)
	f.Fuzz(func(t *testing.T, script string) {
		faults, err := sim.ReadFaults(strings.NewReader(script))
		if err != nil {
			return
		}
		u := sim.NewUniverse(sim.NewWorld(sim.Options{Faults: faults}), newEcho("echo"))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+echoHost+"/", nil)
		if resp, err := u.Transport().RoundTrip(req); err == nil {
			_, _ = io.CopyN(io.Discard, resp.Body, 1<<10)
			_ = resp.Body.Close()
		}
	})
}
