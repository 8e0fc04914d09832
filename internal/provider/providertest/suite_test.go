package providertest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestASoundProviderPasses(t *testing.T) {
	t.Parallel()
	Run(t, acmeSpec(""), newAcmeSim)
}

// recorder is a testing.TB that keeps what a check reports instead of failing.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, text)
}

func (r *recorder) Helper()                           {}
func (r *recorder) Logf(string, ...any)               {}
func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }
func (r *recorder) Skipf(string, ...any)              { runtime.Goexit() }

func (r *recorder) Fatalf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// failures runs a check and returns what it reports, a panic included.
func failures(t *testing.T, c *check) []string {
	t.Helper()
	var r *recorder
	c.inPlace(t, func(t *testing.T) {
		r = &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() {
				if p := recover(); p != nil {
					r.note(fmt.Sprint(p))
				}
			}()
			c.run(r)
		}()
		<-done
		if !c.wire {
			<-time.After(time.Hour) // what a defect has left behind ends by then
		}
	})
	return r.failures
}

// TestDefectsAreReported runs the suite on providers with one defect each: at least one check of the named kind must
// report it.
func TestDefectsAreReported(t *testing.T) {
	t.Parallel()
	sound := newSuite(acmeSpec(""), newAcmeSim).study(t) // a defect must not hide from the checks
	for defect, kind := range map[string]string{
		"loses the last page":                   "truth/",
		"lists twice":                           "truth/",
		"makes up zeros":                        "truth/",
		"takes fractions for percent":           "truth/",
		"takes what boots for running":          "truth/",
		"makes up a price":                      "truth/",
		"forgets tags":                          "truth/",
		"forgets GPUs":                          "truth/",
		"takes local time":                      "truth/",
		"hides offers":                          "truth/",
		"miscounts money":                       "truth/",
		"takes denied for empty":                "truth/denied",
		"calls what is denied unavailable":      "fault/403",
		"has bad attributes":                    "truth/",
		"swallows errors":                       "fault/500 for ever",
		"swallows broken answers":               "fault/malformed",
		"does not classify":                     "fault/",
		"drops what came before an error":       "fault/second page",
		"retries auth":                          "fault/401",
		"passes by the chain":                   "fault/500 once",
		"shows the secret in errors":            "fault/401",
		"takes its name from nowhere":           "fault/401",
		"shows the marker":                      "truth/",
		"logs the secret":                       "truth/",
		"ignores its context":                   "cancel/",
		"is slow to stop":                       "cancel/",
		"leaves a goroutine":                    "cancel/",
		"goes on after its reader":              "cancel/",
		"loops on a repeated cursor":            "paging/repeated cursor",
		"stops in silence at a repeated cursor": "paging/repeated cursor",
		"writes":                                "truth/",
		"calls a foreign host":                  "truth/",
		"calls while it opens":                  "credential/",
		"does not name the clock":               "clock/",
		"keeps no limit":                        "limit/",
		"has a limit for nothing":               "coverage",
		"declares a metric that it has not":     "coverage",
		"has a metric that it does not declare": "coverage",
		"has a service without resources":       "coverage",
		"has GPUs that --gpu does not find":     "coverage",
		"has no titles":                         "spec/",
		"has an alias twice":                    "spec/",
		"follows redirects":                     "redirect/",
		"gives no hint":                         "credential/a wrong one",
		"lists by chance":                       "truth/order",
		"reads twice":                           "truth/",
		"makes up an account":                   "truth/",
		"makes up a region":                     "truth/",
		"has no offer's time":                   "truth/",
		"has a cost of no kind":                 "truth/",
		"shows bad percentages":                 "truth/",
		"makes one world of every seed":         "seed/another",
		"makes another world each time":         "seed/",
	} {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			newCloud := newAcmeSim
			switch defect {
			case "makes another world each time":
				newCloud = newChaoticAcmeSim
			case "makes one world of every seed":
				newCloud = newStubbornAcmeSim
			}
			mustReport(t, sound, newSuite(acmeSpec(defect), newCloud), kind)
		})
	}
}

func mustReport(t *testing.T, l lore, s *suite, kind string) {
	t.Helper()
	ran := 0
	for _, c := range s.checks(l) {
		if !strings.HasPrefix(c.name, kind) {
			continue
		}
		ran++
		if found := failures(t, &c); len(found) > 0 {
			t.Logf("%s: %s", c.name, found[0])
			return
		}
	}
	t.Errorf("none of %d checks %s* reports it", ran, kind)
}

// TestOptionsAllowWhatTheySay runs checks on providers with a peculiarity that is a defect unless an option names it.
func TestOptionsAllowWhatTheySay(t *testing.T) {
	t.Parallel()
	for peculiarity, c := range map[string]struct {
		kind   string
		option Option
	}{
		"may log in as the machine":          {"coverage", Logins("/v1/identity")},
		"asks in parts where refused":        {"fault/403", InParts("/v1/query")},
		"cannot list machines without disks": {"fault/others/disks", Shared("/v1/disks*")},
		"cannot list without its account":    {"truth/seed", Options(map[string]any{"account": "acme-1"})},
	} {
		t.Run(peculiarity, func(t *testing.T) {
			t.Parallel()
			strict := newSuite(acmeSpec(peculiarity), newAcmeSim)
			lax := newSuite(acmeSpec(peculiarity), newAcmeSim, c.option)
			sound := newSuite(acmeSpec(""), newAcmeSim).study(t)
			mustReport(t, sound, strict, c.kind)
			for _, ch := range lax.checks(sound) {
				if strings.HasPrefix(ch.name, c.kind) {
					for _, f := range failures(t, &ch) {
						t.Errorf("%s: %s", ch.name, f)
					}
				}
			}
		})
	}
}

func TestOptionsSetSizes(t *testing.T) {
	t.Parallel()
	s := newSuite(acmeSpec(""), newAcmeSim, Counts(0, 7), Size(20), PageSize("disks", 5), PageSize("disks", 4))
	names := map[string]bool{}
	for _, c := range s.checks(s.study(t)) {
		names[c.name] = true
	}
	for name, want := range map[string]bool{
		"paging/7 resources": true, "paging/26 resources": false, "paging/disks disk in pages of 5/11 of them": true,
		"paging/disks disk in pages of 4/4 of them": true, "paging/disks disk in pages of 10/10 of them": false,
		"paging/machines machine in pages of 10/9 of them": true,
	} {
		if names[name] != want {
			t.Errorf("check %q: got %v, want %v", name, names[name], want)
		}
	}
}
